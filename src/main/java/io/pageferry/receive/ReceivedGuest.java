package io.pageferry.receive;

import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.Dialect;
import io.pageferry.stream.Section;

/**
 * What a source has said of its guest besides its pages, whole.
 *
 * @param dialect how it spoke, as far as its stream has shown that
 */
public record ReceivedGuest(Configuration configuration, Section ram, DeviceState deviceState, Dialect dialect) {}
