/**
 * What a load test is told to do: scenarios, each with every setting.
 *
 * <pre>
 *   load             {@link io.pageferry.load.Setting}, {@link io.pageferry.load.Scenario}, and the files that have them
 *   load.run         runs scenarios in turns
 *     load.link      what lies between source and target
 *     load.target    who takes the guests in
 *     load.worker    the processes that are the ends of the migrations
 *   load.result      what came of it, in figures
 *   load.report      the same to be kept, looked at and compared
 *   load.rehearsal   foretells migrations, and uses all this to measure before and to see after
 * </pre>
 *
 * <p>Here is also what these have in common: their exception, their JSON, and what they ask the machine. Only
 * {@code cli} imports any of them. All is immutable or stateless.
 */
package io.pageferry.load;
