package io.millwright.agent.launcher.read;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Disk;
import io.millwright.agent.launcher.verb.Answer.DiskHealth;
import io.millwright.drivers.passthrough.NvmeHealthLog.Health;
import io.millwright.drivers.passthrough.NvmeHealthLog.Result;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The NVMe controllers that the kernel lists in {@code /sys/class/nvme}, each asked on a thread of
 * its own, so that one that hangs hides no other. One that has not answered is not asked again
 * before it has.
 *
 * <p><i>Threading:</i> one reading at a time, on any thread.
 */
final class NvmeControllers {
  private static final Pattern NAME = Pattern.compile("nvme[0-9]{1,4}");

  private final Path listed;
  private final Path nodes;
  private final Function<Path, Result> ask;
  private final Duration longest;
  private final Map<String, CompletableFuture<Result>> asked = new HashMap<>();

  /**
   * @param root where {@code dev} and {@code sys} are
   * @param ask one controller, by its device
   * @param longest to wait for all of them
   */
  NvmeControllers(Path root, Function<Path, Result> ask, Duration longest) {
    this.listed = root.resolve("sys/class/nvme");
    this.nodes = root.resolve("dev");
    this.ask = ask;
    this.longest = longest;
  }

  Answer.Disks read() {
    List<String> names = Entries.of(listed, NAME, Answer.Bounds.MOST_DISKS);
    asked.values().removeIf(CompletableFuture::isDone);
    Map<String, CompletableFuture<Result>> begun = new HashMap<>();
    for (String name : names) {
      if (!asked.containsKey(name)) {
        begun.put(name, begin(name));
      }
    }
    asked.putAll(begun);
    await(begun);
    List<Disk> disks = new ArrayList<>();
    for (String name : names) {
      CompletableFuture<Result> told = begun.get(name);
      disks.add(disk(name, told == null ? late() : told.getNow(late())));
    }
    return new Answer.Disks(disks);
  }

  private CompletableFuture<Result> begin(String name) {
    CompletableFuture<Result> told = new CompletableFuture<>();
    Threads.platform(
            "nvme-" + name,
            () -> {
              try {
                told.complete(ask.apply(nodes.resolve(name)));
              } finally {
                told.complete(new Result.Failed(Fault.OTHER));
              }
            })
        .start();
    return told;
  }

  private void await(Map<String, CompletableFuture<Result>> begun) {
    try {
      CompletableFuture.allOf(begun.values().toArray(CompletableFuture[]::new))
          .get(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException late) {
      // those that have answered are told, the others are late
    }
  }

  private static Result late() {
    return new Result.Failed(Fault.TIMEOUT);
  }

  private static Disk disk(String name, Result result) {
    return switch (result) {
      case Result.Told(Health health) ->
          new Disk(
              name,
              Optional.of(
                  new DiskHealth(
                      health.warnings(),
                      health.kelvin(),
                      health.sparePercent(),
                      health.usedPercent(),
                      health.mediaErrors())),
              Optional.empty());
      case Result.Unsupported() -> new Disk(name, Optional.empty(), Optional.empty());
      case Result.Failed(Fault fault) -> new Disk(name, Optional.empty(), Optional.of(fault));
    };
  }
}
