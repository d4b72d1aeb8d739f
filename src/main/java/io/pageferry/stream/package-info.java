/**
 * The main channel's bytes: header, configuration, sections, RAM records, commands, the return path, the vmdescription.
 *
 * <pre>
 *   file header      magic, version                                     {@link MainStreamReader#readHeader}
 *   CONFIGURATION    machine type, subsections                          {@link Configuration}
 *   COMMAND*         open return path, ping, ...                        {@link Command}
 *   SECTION_START    "ram": list of blocks, records, end                {@link RamSectionReader}
 *   SECTION_PART*    "ram": records, end
 *   SECTION_END      "ram": records, end
 *   SECTION_FULL*    one a device, of no stated length                  {@link DeviceState}
 *   EOF
 *   VMDESCRIPTION    JSON that describes the device sections            {@link VmDescription}
 * </pre>
 *
 * <p>The same bytes make up a mapped-ram image, with a header after each block of the list and the pages behind it;
 * what an image needs beyond that is in the image room. Everything that is read is checked here against limits before
 * it is used: what the readers hand on is in range. No thread lives here, and no socket: bytes come from a
 * {@link ByteSource} and go to a {@link ByteSink}.
 *
 * <p>What a QEMU expects, and its stream does not say, is its {@link Dialect}: learnt from a stream that it sent, or
 * looked up by the guest's {@link MachineType}.
 *
 * <p>The least record is 5 bytes (a command), of RAM 8, a section 18; each costs a fixed amount of work, and none
 * allocates by what it says. An answer on the return path, a system call, is given for 9 bytes of PING. A sync waits
 * for all channels, each of which has to send a packet of 1,344 bytes or more.
 *
 * <p>What a stream costs is in line with its length, whatever is in it and in whatever pieces it comes. Each byte is
 * looked at a fixed number of times. On the heap lie the list of RAM blocks, and what comes behind RAM: at most
 * {@code max-device-state}, in memory or where its {@link DeviceStateStore} has it, and of its vmdescription one small
 * record a device. That has limits for its devices, tokens and depth, and is never a tree. Who shares a heap with
 * others is {@linkplain MemoryGrowth asked} before each step.
 *
 * <p>Facts are from QEMU's {@code savevm.c}, {@code ram.c} and {@code migration.c}, versions 7.2 to 10.0.
 */
package io.pageferry.stream;
