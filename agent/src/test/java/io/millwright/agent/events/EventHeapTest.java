package io.millwright.agent.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.records.Disk;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The most events that the configuration allows, in half of the heap that the package gives. */
class EventHeapTest {
  private static final Limits LARGEST = new Limits(64L << 20, Duration.ofDays(14));
  private static final int BATCH = 1_000;

  @TempDir private Path directory;

  private static final class NotForced implements Disk {
    @Override
    public void force(FileChannel file) {
      // no machine is killed here
    }
  }

  /** Fills the directory as far as the limits let it, and opens it anew. */
  public static void main(String[] args) {
    Path in = Path.of(args[0]);
    EventStore store = EventStore.open(in, new NotForced(), LARGEST);
    long last = 0;
    while (store.dropped() == 0) {
      store.append(
          LongStream.rangeClosed(last + 1, last + BATCH).mapToObj(Samples::entry).toList());
      last += BATCH;
      store.expire(last);
    }
    store.close();
    EventStore again = EventStore.open(in, new NotForced(), LARGEST);
    List<Entry> oldest = again.after(0, BATCH);
    if (again.newest() != last
        || oldest.size() != BATCH
        || again.bytes() < LARGEST.bytes() * 9 / 10) {
      throw new IllegalStateException(
          "%d of %d, %d bytes".formatted(again.newest(), last, again.bytes()));
    }
    again.close();
  }

  @Test
  void theMostThatIsAllowedFitsTheHeapOfThePackage() throws IOException, InterruptedException {
    Path said = directory.resolve("said");
    Process agent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx12m",
                "-Xmn4m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                EventHeapTest.class.getName(),
                directory.resolve("events").toString())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      assertThat(agent.waitFor(5, TimeUnit.MINUTES)).as("it ends").isTrue();
      assertThat(agent.exitValue()).as(Files.readString(said)).isZero();
    } finally {
      agent.destroyForcibly();
    }
    try (Stream<Path> files = Files.list(directory.resolve("events"))) {
      assertThat(files.map(file -> file.toFile().length()))
          .as("a part is read whole")
          .allMatch(length -> length < 1 << 20);
    }
  }
}
