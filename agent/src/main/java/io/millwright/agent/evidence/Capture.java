package io.millwright.agent.evidence;

import io.millwright.agent.tool.Ended;
import io.millwright.agent.tool.Ending;
import io.millwright.agent.tool.Tool;
import io.millwright.protocol.bodies.BundleManifest;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a bundle: asks all sources at once, runs the vendor's report tool, and writes what came by
 * the deadline.
 *
 * <p><i>Threading:</i> one owner thread, which waits. <i>Failure:</i> {@link IOException} where the
 * archive itself cannot be written; all else is missing in it, with the reason.
 */
public final class Capture {
  private static final Logger LOG = LoggerFactory.getLogger(Capture.class);
  private static final Duration LOOK = Duration.ofMillis(20);

  /** What writing the archive may take, of the whole. */
  private static final Duration FOR_THE_ARCHIVE = Duration.ofSeconds(10);

  /** What ending a tool that overran may take. */
  private static final Duration FOR_AN_END = Duration.ofSeconds(10);

  private static final int MOST_FILES = 16;
  private static final long LARGEST_FILE = 32L << 20;
  private static final String REPORT = "report";

  private final String node;
  private final List<Source> sources;
  private final ReportTool report;
  private final Tool tool;
  private final Clock clock;
  private final Map<String, Asking> unended = new HashMap<>();

  /**
   * What is wanted.
   *
   * @param deadline of the whole
   */
  public record Order(String id, String reason, String incident, Duration deadline) {}

  /**
   * @param sources of the parts, in the order of the archive
   */
  public Capture(String node, List<Source> sources, ReportTool report, Tool tool, Clock clock) {
    this.node = node;
    this.sources = List.copyOf(sources);
    this.report = report;
    this.tool = tool;
    this.clock = clock;
  }

  /**
   * Makes the bundle.
   *
   * @param scratch a directory that is not there, made and deleted again
   * @param file that is not there, the archive
   */
  public EvidenceBody.Bundle take(Order order, Path scratch, Path file) throws IOException {
    long at = clock.wall().toEpochMilli();
    long until = clock.nanos() + order.deadline().minus(FOR_THE_ARCHIVE).toNanos();
    List<Archive.Piece> pieces = new ArrayList<>();
    List<BundleManifest.Missing> missing = new ArrayList<>();
    makeDirectory(scratch);
    try {
      List<Asking> asked = ask(scratch, missing);
      long begun = clock.nanos();
      report(scratch, until, pieces, missing);
      await(asked, begun, until, pieces, missing);
      BundleManifest manifest =
          new BundleManifest(
              order.id(),
              node,
              at,
              order.reason(),
              order.incident(),
              parts(pieces, missing),
              missing);
      Archive.write(manifest, pieces, file);
      return new EvidenceBody.Bundle(manifest, Files.size(file), Archive.sha256(file));
    } finally {
      cleanUp(scratch);
    }
  }

  /** A piece that cannot be read any more is taken out, and missing. */
  private static List<BundleManifest.Part> parts(
      List<Archive.Piece> pieces, List<BundleManifest.Missing> missing) {
    List<BundleManifest.Part> parts = new ArrayList<>();
    for (Archive.Piece piece : List.copyOf(pieces)) {
      try {
        parts.add(piece.part());
      } catch (IOException gone) {
        pieces.remove(piece);
        missing.add(unreadable(piece.name(), gone));
      }
    }
    return parts;
  }

  private static BundleManifest.Missing unreadable(String name, IOException e) {
    return new BundleManifest.Missing(name, "it cannot be read: " + e);
  }

  // ---- what is held

  /** A source that still hangs from an earlier time is not asked again. */
  private List<Asking> ask(Path scratch, List<BundleManifest.Missing> missing) {
    unended.values().removeIf(Asking::ended);
    List<Asking> asked = new ArrayList<>();
    for (Source source : sources) {
      if (unended.containsKey(source.name())) {
        missing.add(
            new BundleManifest.Missing(source.name(), "an earlier look at it has not ended yet"));
        continue;
      }
      Asking asking = new Asking(source, scratch.resolve(source.name()));
      asking.begin();
      asked.add(asking);
    }
    return asked;
  }

  private void await(
      List<Asking> asked,
      long begun,
      long until,
      List<Archive.Piece> pieces,
      List<BundleManifest.Missing> missing) {
    for (Asking asking : asked) {
      long own = begun + asking.source().deadline().toNanos();
      long last = own - until < 0 ? own : until;
      while (!asking.ended() && clock.nanos() - last < 0) {
        clock.parkUntil(clock.nanos() + LOOK.toNanos());
      }
      String name = asking.source().name();
      if (asking.given()) {
        pieces.add(
            new Archive.Piece(name, asking.file(), asking.source().simulated().getAsBoolean()));
      } else if (asking.failure().isPresent()) {
        missing.add(new BundleManifest.Missing(name, asking.failure().get()));
      } else {
        unended.put(name, asking);
        missing.add(
            new BundleManifest.Missing(
                name,
                "it was not there within %d s".formatted(asking.source().deadline().toSeconds())));
      }
    }
  }

  // ---- the vendor's report

  private void report(
      Path scratch, long until, List<Archive.Piece> pieces, List<BundleManifest.Missing> missing)
      throws IOException {
    if (report.argv().isEmpty()) {
      missing.add(
          new BundleManifest.Missing(REPORT, "evidence.report_tool of the configuration is empty"));
      return;
    }
    Duration left = Duration.ofNanos(until - clock.nanos()).minus(FOR_AN_END);
    Duration deadline = left.compareTo(report.deadline()) < 0 ? left : report.deadline();
    if (!deadline.isPositive()) {
      missing.add(new BundleManifest.Missing(REPORT, "the order left no time for it"));
      return;
    }
    Path directory = scratch.resolve(REPORT);
    makeDirectory(directory);
    Ended ended = tool.run(report.argv(), directory, deadline);
    Path printed = scratch.resolve("report-output.txt");
    Files.write(printed, ended.output());
    pieces.add(new Archive.Piece(REPORT + "/output.txt", printed, false));
    files(scratch, directory, pieces, missing);
    why(ended, deadline).ifPresent(why -> missing.add(new BundleManifest.Missing(REPORT, why)));
  }

  private static Optional<String> why(Ended ended, Duration deadline) {
    return switch (ended.ending()) {
      case Ending.Exited(int code) ->
          code == 0
              ? Optional.empty()
              : Optional.of(
                  "the tool ended with exit code %d; what it left is there".formatted(code));
      case Ending.Overran(String left) ->
          Optional.of(
              "the tool did not end within %d s%s; what it left is there"
                  .formatted(deadline.toSeconds(), left.isEmpty() ? "" : " and " + left));
      case Ending.NotBegun(String why) -> Optional.of(why);
    };
  }

  /**
   * Plain files with plain names; a link could lead to what is nobody's evidence. They are moved to
   * where the tool, of which something may be left, does not delete them.
   */
  private static void files(
      Path scratch,
      Path directory,
      List<Archive.Piece> pieces,
      List<BundleManifest.Missing> missing)
      throws IOException {
    int taken = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String entry = REPORT + "/" + file.getFileName();
        Optional<BundleManifest.Missing> gap;
        try {
          gap = taken < MOST_FILES && isPlain(file) ? Optional.empty() : Optional.of(left(entry));
          if (gap.isEmpty()) {
            Path moved = Files.move(file, scratch.resolve("." + REPORT + "-" + taken));
            pieces.add(new Archive.Piece(entry, moved, false));
            taken++;
          }
        } catch (IOException gone) {
          gap = Optional.of(unreadable(entry, gone));
        }
        if (missing.size() < BundleManifest.MOST_PARTS / 2) {
          gap.ifPresent(missing::add);
        }
      }
    }
  }

  private static boolean isPlain(Path file) throws IOException {
    String name = file.getFileName().toString();
    return name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
        && !name.equals("output.txt")
        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && Files.isReadable(file)
        && Files.size(file) <= LARGEST_FILE;
  }

  private static BundleManifest.Missing left(String entry) {
    return new BundleManifest.Missing(
        entry,
        "not taken: allowed are %d plain files of at most %d MiB"
            .formatted(MOST_FILES, LARGEST_FILE >> 20));
  }

  // ---- its directory

  private static void makeDirectory(Path directory) throws IOException {
    Files.createDirectory(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /** Deletes it; what cannot be deleted is one warning, and no reason to lose what was made. */
  static void cleanUp(Path directory) {
    try {
      delete(directory);
    } catch (IOException | RuntimeException e) {
      LOG.warn("what was left of evidence cannot be deleted path={}", directory, e);
    }
  }

  /** With all that is in it, also where a tool has shut it; links are deleted and not followed. */
  private static void delete(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
      try (DirectoryStream<Path> inside = Files.newDirectoryStream(path)) {
        for (Path one : inside) {
          delete(one);
        }
      }
    }
    Files.deleteIfExists(path);
  }
}
