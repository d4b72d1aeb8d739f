package io.pageferry.metrics;

import java.util.List;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;

/**
 * Makes the trace points known to Flight Recorder when somebody begins to use it. That starts it up, which takes a
 * fifth of a second of processor time before the first migration, and most processes never record. For any thread.
 */
final class EventRegistration {
    private static final List<Class<?>> POINTS = List.of(MigrationPoints.class, SendPoints.class, ReceivePoints.class);

    private EventRegistration() {}

    /** Does it now where Flight Recorder is in use. */
    static void awaitRecorder() {
        FlightRecorder.addListener(new FlightRecorderListener() {
            @Override
            public void recorderInitialized(FlightRecorder recorder) {
                register();
            }
        });
    }

    static void register() {
        for (Class<?> points : POINTS) {
            for (Class<?> point : points.getDeclaredClasses()) {
                FlightRecorder.register(point.asSubclass(Event.class));
            }
        }
    }
}
