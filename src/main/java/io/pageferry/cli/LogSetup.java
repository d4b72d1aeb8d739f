package io.pageferry.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.Logger;

/**
 * Where the log goes and what it looks like: stdout is for results only. Logback finds it as a service. A file of its
 * own ({@code logback.configurationFile}) goes first; there is none in the jar, because reading XML costs every process
 * half a second of processor time.
 */
public final class LogSetup extends ContextAwareBase implements Configurator {
    /** {@code java -Dpageferry.log=trace -jar …}: a line at each of QEMU's trace points. */
    private static final String LEVEL = "pageferry.log";

    /** {@code java -Dpageferry.log.format=json -jar …}: each line of the log is a JSON object. */
    private static final String FORMAT = "pageferry.log.format";

    private static final String FILE = "logback.configurationFile";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty(FILE) != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        Encoder<ILoggingEvent> encoder = encoder(context, isJson() ? new JsonLogLine() : new LogLine());
        encoder.setContext(context);
        encoder.start();
        ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
        stderr.setContext(context);
        stderr.setName("stderr");
        stderr.setTarget("System.err");
        stderr.setEncoder(encoder);
        stderr.start();
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(System.getProperty(LEVEL), Level.INFO));
        root.addAppender(stderr);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Whether stderr is for programs: then whatever is said there is a line of the log. */
    static boolean isJson() {
        return "json".equals(System.getProperty(FORMAT));
    }

    private static Encoder<ILoggingEvent> encoder(LoggerContext context, LayoutBase<ILoggingEvent> line) {
        line.setContext(context);
        line.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setLayout(line);
        return encoder;
    }
}
