package io.pageferry.config;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What may stand behind a TCP address, as QEMU's {@code InetSocketAddress} has it.
 *
 * @param to the last port to try, where the first is taken; only for who listens
 * @param ipv4 whether addresses of IPv4 are wanted; where nothing is said, they are unless only IPv6 is
 * @param ipv6 the same of IPv6
 * @param keepAlive whether the kernel asks a silent peer's whether it is alive ({@code SO_KEEPALIVE})
 */
public record InetOptions(OptionalInt to, Optional<Boolean> ipv4, Optional<Boolean> ipv6, boolean keepAlive) {
    /** An address as it is. */
    public static final InetOptions NONE =
            new InetOptions(OptionalInt.empty(), Optional.empty(), Optional.empty(), false);

    /**
     * Checks them.
     *
     * @throws ConfigException where they leave no address
     */
    public InetOptions {
        if (ipv4.equals(Optional.of(false)) && ipv6.equals(Optional.of(false))) {
            throw new ConfigException("one of ipv4 and ipv6 must be on: ipv4=off ipv6=off");
        }
        if (to.isPresent() && (to.getAsInt() < 0 || to.getAsInt() > TcpUri.MAX_PORT)) {
            throw new ConfigException("to must be a port, 0 to " + TcpUri.MAX_PORT + ": to=" + to.getAsInt());
        }
    }

    /** Whether addresses of IPv4 are wanted. */
    public boolean wantsIpv4() {
        return ipv4.orElse(!ipv6.orElse(false));
    }

    /** Whether addresses of IPv6 are wanted. */
    public boolean wantsIpv6() {
        return ipv6.orElse(!ipv4.orElse(false));
    }

    /** Whether an address is of a kind that is wanted. */
    public boolean want(InetAddress address) {
        return address instanceof Inet4Address ? wantsIpv4() : wantsIpv6();
    }

    /** As they stand in a URI, each behind a comma. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        to.ifPresent(port -> text.append(",to=").append(port));
        ipv4.ifPresent(on -> text.append(",ipv4=").append(onOff(on)));
        ipv6.ifPresent(on -> text.append(",ipv6=").append(onOff(on)));
        return text.append(keepAlive ? ",keep-alive=on" : "").toString();
    }

    private static String onOff(boolean on) {
        return on ? "on" : "off";
    }
}
