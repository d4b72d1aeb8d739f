/*
 * How fast memory is read, and found to be zero, in C with AVX2 on one processor: what ZeroTestBenchmark is to be compared with. Prints GB/s (10^9 bytes a second),
 * one line a measurement: for as much memory as a packet has, which stays in the processor's cache, and for more than any cache has.
 *
 * cc -O3 -mavx2 -o plain-read plain-read.c && taskset -c 0 ./plain-read
 */
#define _GNU_SOURCE
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define PAGE 4096
#define HUGE_PAGE (2L << 20)
#define ROUNDS 7
#define SECONDS 0.5

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* All of a page into one number, nothing decided: eight loads of 32 bytes on their way at a time. */
static __attribute__((noinline)) int read_page(const uint8_t *page) {
    __m256i bits[8] = {0};
    for (int i = 0; i < PAGE; i += sizeof bits) {
        for (int k = 0; k < 8; k++) {
            bits[k] = _mm256_or_si256(bits[k], _mm256_load_si256((const __m256i *) (page + i) + k));
        }
    }
    __m256i all = bits[0];
    for (int k = 1; k < 8; k++) {
        all = _mm256_or_si256(all, bits[k]);
    }
    return _mm256_testz_si256(all, all);
}

static double read_all(const uint8_t *memory, size_t bytes) {
    double start = now(), end;
    size_t done = 0, zero = 0;
    do {
        for (size_t page = 0; page < bytes; page += PAGE) {
            zero += read_page(memory + page);
        }
        done += bytes;
        end = now();
    } while (end - start < SECONDS);
    if (zero * PAGE != done) {
        abort();
    }
    return done / (end - start) / 1e9;
}

int main(void) {
    size_t sizes[] = {128 * PAGE, 65536L * PAGE};
    for (int s = 0; s < 2; s++) {
        uint8_t *mapped = mmap(NULL, sizes[s] + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED) {
            perror("mmap");
            return 1;
        }
        uint8_t *memory = (uint8_t *) (((uintptr_t) mapped + HUGE_PAGE - 1) & -HUGE_PAGE);
        madvise(memory, sizes[s], MADV_HUGEPAGE);
        memset(memory, 1, sizes[s]);
        memset(memory, 0, sizes[s]);
        for (int round = 0; round < ROUNDS; round++) {
            printf("pages=%zu %.2f\n", sizes[s] / PAGE, read_all(memory, sizes[s]));
        }
    }
    return 0;
}
