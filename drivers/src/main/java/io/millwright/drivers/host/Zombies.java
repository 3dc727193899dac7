package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millwright.drivers.CallWatch;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * Processes that do not end, by their state in {@code /proc/<pid>/stat}: Z has ended and its parent
 * has not waited for it, D waits in the kernel and takes no signal. A process that goes while they
 * are counted is none.
 */
final class Zombies implements Section {
  private static final String CALL = "read /proc/<pid>/stat";
  private static final int LONGEST = 512;

  private final String node;
  private final Path proc;
  private final CallWatch watch;
  private OptionalInt count = OptionalInt.empty();
  private int blocked;
  private Fault fault = Fault.NOT_FOUND;
  private int index;

  Zombies(String node, Path root, CallWatch watch) {
    this.node = node;
    this.proc = root.resolve("proc");
    this.watch = watch;
  }

  @Override
  public Cadence cadence() {
    return Cadence.SLOW;
  }

  @Override
  public boolean load() {
    watch.entered(CALL);
    count = counted();
    watch.returned(CALL, count.isPresent() ? 0 : -1);
    return false;
  }

  private OptionalInt counted() {
    int processes = 0;
    int zombies = 0;
    int waiting = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : entries) {
        processes++;
        char state = state(process.resolve("stat"));
        zombies += state == 'Z' ? 1 : 0;
        waiting += state == 'D' ? 1 : 0;
      }
    } catch (DirectoryIteratorException failure) {
      return failed(Fault.OTHER);
    } catch (IOException failure) {
      return failed(Faults.of(failure));
    }
    blocked = waiting;
    return processes > 0 ? OptionalInt.of(zombies) : failed(Fault.NOT_FOUND);
  }

  private OptionalInt failed(Fault why) {
    fault = why;
    return OptionalInt.empty();
  }

  /** The letter behind the name, which stands in brackets and may hold any character. */
  private static char state(Path stat) {
    try (InputStream in = Files.newInputStream(stat)) {
      String line = new String(in.readNBytes(LONGEST), UTF_8);
      int at = line.lastIndexOf(") ") + 2;
      return at > 1 && at < line.length() ? line.charAt(at) : ' ';
    } catch (IOException gone) {
      return ' ';
    }
  }

  @Override
  public void declare(SeriesTable.Builder table) {
    index = table.add(Cadence.SLOW, Series.of(Metric.NODE_ZOMBIE_PROCESSES, node));
    table.add(Cadence.SLOW, Series.of(Metric.NODE_UNINTERRUPTIBLE_PROCESSES, node));
  }

  @Override
  public Round write(Readings readings) {
    if (count.isEmpty()) {
      readings.unavailable(index, fault);
      readings.unavailable(index + 1, fault);
      return Round.FAILED;
    }
    readings.measured(index, count.getAsInt());
    readings.measured(index + 1, blocked);
    return Round.ANSWERED;
  }
}
