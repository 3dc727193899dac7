package io.millwright.agent.evidence;

import io.millwright.protocol.bodies.TestRecord;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest record of each of the site's tests; they outlive the agent.
 *
 * <p><i>Threading:</i> one thread keeps, any asks for {@link #records}. <i>Failure:</i> a record
 * that cannot be kept or read is one warning.
 */
final class TestShelf {
  private static final Logger LOG = LoggerFactory.getLogger(TestShelf.class);
  private static final String PREFIX = "test-";
  private static final String TOLD = "told-";
  private static final String SUFFIX = ".json";

  private final Path directory;
  private volatile List<TestRecord> records = List.of();
  private volatile List<TestRecord> told = List.of();

  TestShelf(Path directory) {
    this.directory = directory;
  }

  /** Those of tests that the site has taken out of its configuration too. */
  void open() throws IOException {
    records = read(PREFIX);
    told = read(TOLD);
  }

  private List<TestRecord> read(String prefix) throws IOException {
    List<TestRecord> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, prefix + "*" + SUFFIX)) {
      for (Path file : files) {
        try {
          found.add(TestRecord.of(Files.readAllBytes(file)));
        } catch (IOException | IllegalArgumentException e) {
          LOG.warn("the record of a test cannot be read path={}", file, e);
        }
      }
    }
    found.sort(Comparator.comparing(TestRecord::name));
    return List.copyOf(found);
  }

  /** By the tests' names. */
  List<TestRecord> records() {
    return records;
  }

  /** Of each test the newest record that says something of the node: a pass or a failure. */
  List<TestRecord> told() {
    return told;
  }

  void keep(TestRecord record) {
    records = with(records, record);
    write(PREFIX, record);
    if (record.result() != TestRecord.Result.CANNOT_TELL) {
      told = with(told, record);
      write(TOLD, record);
    }
  }

  private static List<TestRecord> with(List<TestRecord> before, TestRecord record) {
    List<TestRecord> next = new ArrayList<>(before);
    next.removeIf(older -> older.name().equals(record.name()));
    next.add(record);
    next.sort(Comparator.comparing(TestRecord::name));
    return List.copyOf(next);
  }

  private void write(String prefix, TestRecord record) {
    Path file = directory.resolve(prefix + record.name() + SUFFIX);
    Path unfinished = directory.resolve(prefix + record.name() + ".new");
    try {
      Files.write(unfinished, record.json());
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.warn("the record of a test is not kept over a restart path={}", file, e);
    }
  }
}
