package io.pageferry.load.result;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * What can be said about few and noisy figures without supposing how they are distributed. Stateless.
 *
 * <ul>
 *   <li>{@link #mannWhitney}: how likely figures would lie as far apart as these if nothing had changed
 *   <li>{@link #ratioOfMedians}: by how much the medians differ, and how sure that is, by resampling (bootstrap)
 *   <li>{@link #falseDiscoveryRate}: who asks twenty questions gets one answer of 5 % by chance; this allows for that
 *       (Benjamini and Hochberg)
 * </ul>
 */
public final class Statistics {
    private static final int RESAMPLES = 10_000;
    private static final double CONFIDENCE = 0.95;

    /** Up to here all orders are counted; above, the normal approximation is as good. */
    private static final int MAX_EXACT = 50;

    private Statistics() {}

    /** A value that was estimated: with 95 % confidence it lies between low and high. */
    public record Estimate(double value, double low, double high) {}

    public static double median(List<Double> figures) {
        return quantile(figures.stream().mapToDouble(Double::doubleValue).toArray(), 0.5);
    }

    public static double quantile(List<Double> figures, double share) {
        return quantile(figures.stream().mapToDouble(Double::doubleValue).toArray(), share);
    }

    /** Between two figures it is interpolated. */
    private static double quantile(double[] figures, double share) {
        if (figures.length == 0) {
            return Double.NaN;
        }
        Arrays.sort(figures);
        double position = share * (figures.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, figures.length - 1);
        return figures[below] + (position - below) * (figures[above] - figures[below]);
    }

    /** The p-value of the two-sided Mann-Whitney test: exact where there are no ties and not too many figures. */
    public static double mannWhitney(List<Double> a, List<Double> b) {
        int n = a.size();
        int m = b.size();
        if (n == 0 || m == 0) {
            return 1;
        }
        double u = 0;
        for (double x : a) {
            for (double y : b) {
                u += x > y ? 1 : x == y ? 0.5 : 0;
            }
        }
        double[] all = new double[n + m];
        for (int i = 0; i < n + m; i++) {
            all[i] = i < n ? a.get(i) : b.get(i - n);
        }
        double ties = ties(all);
        return ties == 0 && n + m <= MAX_EXACT ? exact(Math.min(u, (double) n * m - u), n, m) : normal(u, n, m, ties);
    }

    /** Twice the share of all orders of n + m figures in which U is as small as this. */
    private static double exact(double u, int n, int m) {
        // counts[i][j][k]: orders of i figures of one kind and j of the other with U = k; the largest belongs to
        // either.
        double[][][] counts = new double[n + 1][m + 1][n * m + 1];
        for (int i = 0; i <= n; i++) {
            for (int j = 0; j <= m; j++) {
                for (int k = 0; k <= i * j; k++) {
                    if (i == 0 || j == 0) {
                        counts[i][j][k] = 1;
                    } else {
                        counts[i][j][k] = (k >= j ? counts[i - 1][j][k - j] : 0) + counts[i][j - 1][k];
                    }
                }
            }
        }
        double total = Arrays.stream(counts[n][m]).sum();
        double asSmall = Arrays.stream(counts[n][m], 0, (int) u + 1).sum();
        return Math.min(1, 2 * asSmall / total);
    }

    private static double normal(double u, int n, int m, double ties) {
        double total = n + m;
        double variance = n * m / 12.0 * (total + 1 - ties / (total * (total - 1)));
        if (variance <= 0) {
            return 1; // all figures are the same
        }
        double z = Math.max(0, Math.abs(u - n * m / 2.0) - 0.5) / Math.sqrt(variance);
        return Math.min(1, 2 * upperTail(z));
    }

    /** The sum of t³ - t over groups of t equal figures. */
    private static double ties(double[] figures) {
        Arrays.sort(figures);
        double sum = 0;
        for (int i = 0; i < figures.length; ) {
            int end = i;
            while (end < figures.length && figures[end] == figures[i]) {
                end++;
            }
            double t = end - i;
            sum += t * t * t - t;
            i = end;
        }
        return sum;
    }

    /** Of the standard normal distribution, to seven digits: Abramowitz and Stegun 26.2.17. */
    private static double upperTail(double z) {
        double t = 1 / (1 + 0.2316419 * z);
        double polynomial =
                t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * polynomial;
    }

    /**
     * The median of b divided by that of a, with its confidence by resampling both. The same figures give the same
     * answer.
     */
    public static Estimate ratioOfMedians(List<Double> a, List<Double> b) {
        double[] before = a.stream().mapToDouble(Double::doubleValue).toArray();
        double[] after = b.stream().mapToDouble(Double::doubleValue).toArray();
        RandomGenerator random =
                RandomGeneratorFactory.of("Xoroshiro128PlusPlus").create(1);
        double[] ratios = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            ratios[i] = quantile(resample(after, random), 0.5) / quantile(resample(before, random), 0.5);
        }
        double tail = (1 - CONFIDENCE) / 2;
        return new Estimate(
                quantile(after, 0.5) / quantile(before, 0.5), quantile(ratios, tail), quantile(ratios, 1 - tail));
    }

    private static double[] resample(double[] figures, RandomGenerator random) {
        double[] sample = new double[figures.length];
        for (int i = 0; i < sample.length; i++) {
            sample[i] = figures[random.nextInt(figures.length)];
        }
        return sample;
    }

    /**
     * For each p-value the share of chance findings among all that are at most as large: Benjamini and Hochberg's
     * adjustment.
     */
    public static double[] falseDiscoveryRate(double[] p) {
        Integer[] order = new Integer[p.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (x, y) -> Double.compare(p[y], p[x]));
        double[] adjusted = new double[p.length];
        double least = 1;
        for (int i = 0; i < order.length; i++) {
            int rank = p.length - i;
            least = Math.min(least, p[order[i]] * p.length / rank);
            adjusted[order[i]] = least;
        }
        return adjusted;
    }

    /** The smallest p-value that so many figures can give, however far they lie apart. */
    public static double leastPossible(int n, int m) {
        return n == 0 || m == 0 || n + m > MAX_EXACT ? 0 : exact(0, n, m);
    }
}
