package io.pageferry.load.rehearsal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class RankingTest {
    @Test
    void shouldPreferTheFastestOfThoseThatConverge() {
        assertEquals(List.of(2, 1, 0), order(lost(0, 1), came(1, 2, 20, 1), came(2, 2, 10, 1)));
    }

    @Test
    void shouldPreferTheCheapestOfThoseThatAreAboutAsFast() {
        assertEquals(List.of(1, 0, 2), order(came(0, 2, 10, 4), came(1, 2, 10.4, 1), came(2, 2, 11, 0.1)));
    }

    @Test
    void shouldPreferFewerChannelsWhenTheyCostTheSame() {
        assertEquals(List.of(1, 2, 0), order(came(0, 8, 10, 1), came(1, 2, 10.1, 1.001), came(2, 4, 9.9, 1)));
    }

    @Test
    void shouldSayWhyTheFirstIsFirst() {
        List<Ranking.Candidate> fastest = Ranking.order(List.of(came(0, 2, 10, 1), came(1, 2, 20, 1)));
        assertEquals("the least total time; limited by link", Ranking.reason(fastest, "link"));
        List<Ranking.Candidate> cheapest = Ranking.order(List.of(came(0, 2, 10, 5), came(1, 2, 10.1, 1)));
        assertTrue(Ranking.reason(cheapest, "link").startsWith("as fast as the fastest within 5 %, at less cost"));
        assertTrue(Ranking.reason(List.of(lost(0, 1)), "link").startsWith("the guest converges with none"));
    }

    private static List<Integer> order(Ranking.Candidate... candidates) {
        return Ranking.order(List.of(candidates)).stream()
                .map(Ranking.Candidate::index)
                .toList();
    }

    private static Ranking.Candidate came(int index, int channels, double seconds, double cpu) {
        return new Ranking.Candidate(index, channels, new Forecast(true, List.of(), seconds, 0.1, 1, cpu));
    }

    private static Ranking.Candidate lost(int index, double seconds) {
        return new Ranking.Candidate(index, 2, new Forecast(false, List.of(), seconds, Double.NaN, 1, 1));
    }
}
