package io.millwright.agent.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A small file of {@code name=value} lines, as the launcher and its scripts write them. */
public record Facts(Map<String, String> values) {
  /** Ends the name of a file that a write was cut off in. */
  public static final String UNFINISHED = ".new";

  private static final int LARGEST_BYTES = 64 * 1024;

  public Facts {
    values = Map.copyOf(values);
  }

  /** Empty where there is no such file; lines that are none are left out. */
  public static Optional<Facts> read(Path file) throws IOException {
    try (FileChannel in =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(in.size(), LARGEST_BYTES));
      while (buffer.hasRemaining() && in.read(buffer) >= 0) {}
      return Optional.of(
          parse(new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8)));
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    }
  }

  static Facts parse(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    text.lines()
        .filter(line -> line.indexOf('=') > 0)
        .forEach(line ->
            values.putIfAbsent(
                line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
    return new Facts(values);
  }

  /** What is done to a file before anybody sees it. */
  @FunctionalInterface
  public interface Finish {
    void to(Path file) throws IOException;
  }

  /** Whole and on the disk, or not at all. The directory is the writer's alone to change. */
  public void write(Path file) throws IOException {
    write(file, fresh -> {});
  }

  /**
   * As {@link #write(Path)}.
   *
   * @param finish gives it to whoever is to read it
   */
  public void write(Path file, Finish finish) throws IOException {
    StringBuilder text = new StringBuilder();
    new java.util.TreeMap<>(values)
        .forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
    Path fresh = file.resolveSibling(file.getFileName() + UNFINISHED);
    Files.deleteIfExists(fresh);
    try (FileChannel out =
        FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      finish.to(fresh);
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    force(file.toAbsolutePath().getParent());
  }

  /** The entries of a directory are on the disk. */
  public static void force(@org.jspecify.annotations.Nullable Path directory) throws IOException {
    if (directory != null) {
      try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
        entries.force(true);
      }
    }
  }

  public Optional<String> text(String name) {
    return Optional.ofNullable(values.get(name)).filter(value -> !value.isEmpty());
  }

  /** A whole number from 0; empty where there is none. */
  public OptionalLong number(String name) {
    Optional<String> text = text(name).filter(value -> value.matches("[0-9]{1,18}"));
    return text.isPresent() ? OptionalLong.of(Long.parseLong(text.get())) : OptionalLong.empty();
  }
}
