/**
 * A load test's result to be kept, looked at and compared: JSON, a page, HdrHistogram's logs.
 *
 * <pre>
 *   {@link ReportFolder}   writes all of it, in a folder that appears whole or not at all
 *   {@link Report}         as JSON, with the {@link Environment} that it was made in
 *   {@link HtmlReport}     as one page: {@link SummaryTables}, {@link PlotSection}, {@link DetailTables}
 *   {@link ReportPlots}    its drawings, made of {@link Plot} and {@link StripPlot} with {@link Axis} and {@link Svg}
 *   {@link HistogramFiles} HdrHistogram's own formats
 *   {@link Comparison}     what has changed from one report to another beyond the noise
 * </pre>
 *
 * <p>One thread writes a report; the rest is immutable.
 */
package io.pageferry.load.report;
