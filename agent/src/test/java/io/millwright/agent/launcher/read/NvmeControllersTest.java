package io.millwright.agent.launcher.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.agent.launcher.verb.Answer.Disk;
import io.millwright.drivers.passthrough.NvmeHealthLog.Health;
import io.millwright.drivers.passthrough.NvmeHealthLog.Result;
import io.millwright.protocol.vocabulary.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Invented controllers, one of which hangs. */
class NvmeControllersTest {
  private static final Health HEALTH =
      new Health(0, OptionalInt.of(300), OptionalInt.of(100), 1, OptionalLong.of(0));

  @TempDir Path root;
  private final CountDownLatch hang = new CountDownLatch(1);
  private final Map<String, Integer> asked = new ConcurrentHashMap<>();

  @BeforeEach
  void list() throws IOException {
    for (String name : List.of("nvme0", "nvme1", "nvme2", "nvme-fabrics", "nvme1n1")) {
      Files.createDirectories(root.resolve("sys/class/nvme").resolve(name));
    }
  }

  private Result ask(Path device) {
    String name = device.getFileName().toString();
    asked.merge(name, 1, Integer::sum);
    if (name.equals("nvme1")) {
      try {
        hang.await();
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
    }
    return new Result.Told(HEALTH);
  }

  private static List<Optional<Fault>> faults(List<Disk> disks) {
    return disks.stream().map(Disk::fault).toList();
  }

  @Test
  void oneThatHangsHidesNoOtherAndIsAskedOnce() {
    NvmeControllers controllers = new NvmeControllers(root, this::ask, Duration.ofMillis(500));
    for (int i = 0; i < 2; i++) { // the others may take longer than that on a busy machine
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() ->
              assertThat(faults(controllers.read().disks()))
                  .containsExactly(Optional.empty(), Optional.of(Fault.TIMEOUT), Optional.empty()));
    }
    assertThat(asked).containsEntry("nvme1", 1);
    assertThat(asked.get("nvme0")).isGreaterThanOrEqualTo(2);
    assertThat(asked.get("nvme2")).isGreaterThanOrEqualTo(2);
    hang.countDown();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(faults(controllers.read().disks()))
                .containsExactly(Optional.empty(), Optional.empty(), Optional.empty()));
  }
}
