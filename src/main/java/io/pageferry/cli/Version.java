package io.pageferry.cli;

import picocli.CommandLine.IVersionProvider;

/** Says which version this is, from the jar's manifest. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {line()};
    }

    static String line() {
        String version = Main.class.getPackage().getImplementationVersion();
        return "pageferry " + (version == null ? "(not packaged)" : version);
    }
}
