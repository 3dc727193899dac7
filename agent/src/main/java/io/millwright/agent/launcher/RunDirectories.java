package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A directory a run, with one a numbered attempt beneath it. */
record RunDirectories(Path root) {
  private static final Pattern RUN = Pattern.compile("(.+)-r([0-9]{1,10})");
  private static final Pattern ATTEMPT = Pattern.compile("[1-9][0-9]{0,5}");

  void create() throws IOException {
    Files.createDirectories(
        root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  List<RunId> runs() throws IOException {
    List<RunId> runs = new ArrayList<>();
    for (String name : names(root)) {
      run(name).ifPresent(runs::add);
    }
    Collections.sort(runs);
    return runs;
  }

  private static Optional<RunId> run(String name) {
    Matcher matcher = RUN.matcher(name);
    try {
      return matcher.matches()
          ? Optional.of(new RunId(matcher.group(1), Integer.parseInt(matcher.group(2))))
          : Optional.empty();
    } catch (IllegalArgumentException foreign) {
      return Optional.empty();
    }
  }

  List<String> devices(RunId run) {
    try {
      return Files.readAllLines(directory(run).resolve("devices"));
    } catch (IOException torn) {
      return List.of();
    }
  }

  /** The newest attempt. */
  Optional<Attempt> last(RunId run) throws IOException {
    return names(directory(run)).stream()
        .filter(name -> ATTEMPT.matcher(name).matches())
        .map(Integer::valueOf)
        .max(Integer::compare)
        .map(number -> new Attempt(directory(run).resolve(number.toString())));
  }

  /** A new attempt; refused when an earlier one may have begun. */
  Attempt next(Launch launch, String bootId, List<String> environment) throws IOException {
    Files.createDirectories(
        directory(launch.run()),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Optional<Attempt> last = last(launch.run());
    if (last.isPresent() && !last.get().isVoid()) {
      throw new IOException("run " + launch.run().text() + " was begun before");
    }
    Files.write(directory(launch.run()).resolve("devices"), launch.assignment().devices().uuids());
    int number =
        last.map(attempt -> Integer.parseInt(attempt.directory().getFileName().toString()))
            .orElse(0);
    Path next = directory(launch.run()).resolve(Integer.toString(number + 1));
    return Attempt.create(next, bootId, environment);
  }

  /** Nothing is kept any more. */
  void delete(RunId run) {
    try {
      Files.walkFileTree(directory(run), new Deletion());
    } catch (NoSuchFileException gone) {
      return;
    } catch (IOException e) {
      throw new UncheckedIOException("deleting what is kept of " + run.text(), e);
    }
  }

  private Path directory(RunId run) {
    return root.resolve(run.text());
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    } catch (NoSuchFileException absent) {
      return List.of();
    }
  }

  /** Follows no link. */
  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes facts) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
