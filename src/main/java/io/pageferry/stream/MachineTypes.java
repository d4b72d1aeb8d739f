package io.pageferry.stream;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The machine types that are known by name, QEMU's own and the distributions', and which of QEMU's own each is like.
 * What is not listed here is not known: a name that only looks like another may be of anybody.
 */
final class MachineTypes {
    /** {@code pc-q35-8.2}, {@code pc-q35-4.0.1}, {@code pseries-2.12-sxxm}; before 1.4 there was one {@code pc-1.3}. */
    private static final Pattern UPSTREAM = Pattern.compile("(?:pc|pc-i440fx|pc-q35|virt|pseries|s390-ccw-virtio|xenfv)"
            + "-(\\d{1,3}\\.\\d{1,3})(?:\\.\\d{1,3})?(?:-sxxm)?");

    /** What Proxmox appends to QEMU's names, for changes of its own that are none of the wire. */
    private static final Pattern PROXMOX_REVISION = Pattern.compile("\\+pve\\d{1,3}$");

    /** {@code pc-q35-noble-v2}: family, codename, and what does not matter. */
    private static final Pattern UBUNTU =
            Pattern.compile("(pc-i440fx|pc-q35|pseries|s390-ccw-virtio|virt)-([a-z]+)((?:-hpb|-maxcpus|-v2|-sxxm)*)");

    /** Codename, version, and of which families it is another one. */
    private static final Map<String, MachineVersion> UBUNTU_VERSIONS = table("""
            trusty    2.0
            xenial    2.5
            yakkety   2.6
            zesty     2.8
            artful    2.10
            bionic    2.11
            cosmic    2.12  pc-q35=2.11
            disco     3.1
            eoan      4.0
            focal     4.2   pc-i440fx=4.0
            groovy    5.0
            hirsute   5.2   pc-i440fx-hpb=5.1
            impish    6.0
            jammy     6.2
            kinetic   7.0   pseries=6.2  s390-ccw-virtio=6.2
            lunar     7.2
            mantic    8.0
            noble     8.2
            oracular  9.0
            plucky    9.2   pc-q35=9.1
            questing  10.1  pc-i440fx=10.0
            """);

    /** {@code pc-q35-rhel9.4.0}, of RHEL and those who build the same. The numbers are RHEL's, not QEMU's. */
    private static final Pattern RHEL =
            Pattern.compile("(pc-i440fx|pc-q35|pseries|s390-ccw-virtio|virt)-(rhel\\d{1,3}\\.\\d{1,3})\\.0(?:-sxxm)?");

    /** 9.8 is inferred from its QEMU, 10.1. What 10.2 and later have is not known. */
    private static final Map<String, MachineVersion> RHEL_VERSIONS = table("""
            rhel7.6   2.12
            rhel8.0   3.1
            rhel8.1   4.1
            rhel8.2   4.2
            rhel8.3   5.1
            rhel8.4   5.2
            rhel8.5   6.0
            rhel8.6   6.2
            rhel9.0   6.2
            rhel9.2   7.2
            rhel9.4   8.2
            rhel9.6   9.1
            rhel9.8   10.1
            rhel10.0  9.1
            """);

    /** Of all targets of QEMU 7.2 to 11.1, and aliases. They do as the QEMU does that has them. */
    private static final Set<String> UNVERSIONED = Set.of("""
            none x-remote pc q35 virt pseries s390-ccw-virtio ubuntu ubuntu-q35
            isapc microvm nitro xenfv xenpv
            akita amd-versal-virt amd-versal2-virt anacapa-bmc ast1030-evb ast1040-evb ast1060-evb ast2500-evb
            ast2600-evb ast2700-evb ast2700a0-evb ast2700a1-evb ast2700a2-evb ast2700fc b-l475e-iot01a bletchley-bmc
            borzoi bpim2u canon-a1100 catalina-bmc cheetah collie connex cubieboard emcraft-sf2 fby35 fby35-bmc
            fp5280g2-bmc fuji-bmc g220a-bmc gb200nvl-bmc highbank imx25-pdk imx8mm-evk imx8mp-evk integratorcp kudo-bmc
            kzm lm3s6965evb lm3s811evb mainstone max78000fthr mcimx6ul-evk mcimx7d-sabre microbit midway mori-bmc
            mps2-an385 mps2-an386 mps2-an500 mps2-an505 mps2-an511 mps2-an521 mps3-an524 mps3-an536 mps3-an547 musca-a
            musca-b1 musicpal n800 n810 netduino2 netduinoplus2 npcm750-evb npcm845-evb nuri olimex-stm32-h405
            orangepi-pc palmetto-bmc qcom-dc-scm-v1-bmc qcom-firework-bmc quanta-gbs-bmc quanta-gsj quanta-q71l-bmc
            rainier-bmc raspi0 raspi1ap raspi2b raspi3ap raspi3b raspi4b realview-eb realview-eb-mpcore realview-pb-a8
            realview-pbx-a9 romulus-bmc sabrelite sbsa-ref smdkc210 sonorapass-bmc spitz stm32vldiscovery
            supermicro-x11spi-bmc supermicrox11-bmc sx1 sx1-v1 tacoma-bmc terrier tiogapass-bmc tosa verdex versatileab
            versatilepb vexpress-a15 vexpress-a9 witherspoon-bmc xilinx-zynq-a9 xlnx-versal-virt xlnx-zcu102
            yosemitev2-bmc z2
            sun4u sun4v niagara LX SPARCClassic SPARCbook SS-10 SS-20 SS-4 SS-5 SS-600MP Voyager leon3_generic
            40p amigaone bamboo g3beige mac99 mpc8544ds pegasos1 pegasos2 powernv powernv10 powernv10-rainier
            powernv11 powernv8 powernv9 ppce500 ref405ep sam460ex virtex-ml507
            boston fuloong2e loongson3-virt magnum malta mipssim pica61
            amd-microblaze-v-generic k230 microchip-icicle-kit opentitan shakti_c sifive_e sifive_u spike
            xiangshan-kunminghu
            an5206 mcf5208evb next-cube q800 clipper B160L C3700 hppa axis-dev88 or1k-sim r2d shix
            arduino-duemilanove arduino-mega arduino-mega-2560-v3 arduino-uno gdbsim-r5f562n7 gdbsim-r5f562n8
            petalogix-ml605 petalogix-s3adsp1800 xlnx-zynqmp-pmu KIT_AURIX_TC277_TRB tricore_testboard
            10m50-ghrd nios2-generic-nommu kc705 kc705-nommu lx200 lx200-nommu lx60 lx60-nommu ml605 ml605-nommu sim
            """.strip().split("\\s+"));

    private MachineTypes() {}

    /** One line a key: the version, and after a family's name the version of that family alone. */
    private static Map<String, MachineVersion> table(String lines) {
        Map<String, MachineVersion> versions = new HashMap<>();
        for (String line : lines.strip().split("\n")) {
            String[] words = line.split("\\s+");
            versions.put(words[0], MachineVersion.parse(words[1]));
            for (int exception = 2; exception < words.length; exception++) {
                String[] familyAndVersion = words[exception].split("=");
                versions.put(words[0] + " " + familyAndVersion[0], MachineVersion.parse(familyAndVersion[1]));
            }
        }
        return Map.copyOf(versions);
    }

    /** Which of QEMU's own machine types one is like; empty where its name has no version, or is not known. */
    static Optional<MachineVersion> version(String name) {
        String ofQemu = PROXMOX_REVISION.matcher(name).replaceFirst("");
        Matcher upstream = UPSTREAM.matcher(ofQemu);
        if (upstream.matches()) {
            return Optional.of(MachineVersion.parse(upstream.group(1)));
        }
        Matcher rhel = RHEL.matcher(name);
        if (rhel.matches()) {
            return Optional.ofNullable(RHEL_VERSIONS.get(rhel.group(2)));
        }
        Matcher ubuntu = UBUNTU.matcher(name);
        return ubuntu.matches() ? ofUbuntu(ubuntu.group(1), ubuntu.group(2), ubuntu.group(3)) : Optional.empty();
    }

    private static Optional<MachineVersion> ofUbuntu(String family, String codename, String suffix) {
        MachineVersion version = UBUNTU_VERSIONS.get(codename);
        version = UBUNTU_VERSIONS.getOrDefault(codename + " " + family, version);
        return Optional.ofNullable(UBUNTU_VERSIONS.getOrDefault(codename + " " + family + suffix, version));
    }

    /** Whether a machine type is known to do as the QEMU does that has it. */
    static boolean isUnversioned(String name) {
        return UNVERSIONED.contains(name);
    }
}
