package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class TeamTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void everyPartRunsOnceInEveryRound(int size) {
        try (Team team = Team.of(size)) {
            int[] runs = new int[size];
            Team.Task task = (part, parts) -> {
                assertThat(parts).isEqualTo(size);
                runs[part]++;
            };
            for (int round = 0; round < 2000; round++) team.run(task);
            assertThat(runs).containsOnly(2000);
            assertThat(team.size()).isEqualTo(size);
        }
    }

    @Test
    void aFailureReachesTheCallerAndTheTeamGoesOn() {
        try (Team team = Team.of(3)) {
            for (int failing = 0; failing < 3; failing++) {
                int bad = failing;
                assertThatThrownBy(() -> team.run((part, parts) -> {
                            if (part == bad) throw new IllegalStateException("part " + part);
                        }))
                        .hasMessage("part " + bad);
            }
            assertThatThrownBy(() -> team.run((part, parts) -> {
                        throw new AssertionError("all");
                    }))
                    .isInstanceOf(AssertionError.class);
            AtomicInteger runs = new AtomicInteger();
            team.run((part, parts) -> runs.incrementAndGet());
            assertThat(runs).hasValue(3);
        }
    }

    @Test
    void aTaskMayRunATask() {
        try (Team team = Team.of(3)) {
            AtomicInteger inner = new AtomicInteger();
            team.run((part, parts) -> team.run((innerPart, innerParts) -> inner.incrementAndGet()));
            assertThat(inner).hasValue(9);
        }
    }

    @Test
    void callersTakeTurns() throws InterruptedException {
        try (Team team = Team.of(2)) {
            AtomicInteger busy = new AtomicInteger();
            AtomicInteger overlaps = new AtomicInteger();
            AtomicLong sum = new AtomicLong();
            List<Thread> callers = new ArrayList<>();
            for (int caller = 0; caller < 4; caller++) {
                Team.Task task = (part, parts) -> {
                    if (busy.incrementAndGet() > 2) overlaps.incrementAndGet();
                    sum.incrementAndGet();
                    busy.decrementAndGet();
                };
                callers.add(Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < 500; i++) team.run(task);
                }));
            }
            for (Thread caller : callers) caller.join();
            assertThat(overlaps).hasValue(0);
            assertThat(sum).hasValue(4 * 500 * 2);
        }
    }

    @Test
    void anIdleTeamUsesNoProcessorTime() throws InterruptedException {
        try (Team team = Team.of(2)) {
            var bean = ManagementFactory.getThreadMXBean();
            long worker = worker(team).threadId();
            Thread.sleep(50);
            long before = bean.getThreadCpuTime(worker);
            Thread.sleep(200);
            assertThat(bean.getThreadCpuTime(worker) - before).isLessThan(20_000_000);
        }
    }

    @Test
    void aClosedTeamRefusesWorkAndItsThreadsEnd() throws InterruptedException {
        Team team = Team.of(2);
        Thread worker = worker(team);
        team.close();
        worker.join();
        assertThatThrownBy(() -> team.run((part, parts) -> {})).hasMessageContaining("closed");
        team.close();
    }

    /** The other thread of a team of two, which must do a part while its caller waits in one. */
    private static Thread worker(Team team) {
        CountDownLatch both = new CountDownLatch(2);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        team.run((part, parts) -> {
            threads.add(Thread.currentThread());
            both.countDown();
            await(both);
        });
        threads.remove(Thread.currentThread());
        return threads.iterator().next();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
