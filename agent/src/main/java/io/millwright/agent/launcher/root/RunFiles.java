package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.EndRecord;
import io.millwright.agent.launcher.Facts;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.UnixUser;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The files of one run: a directory that root alone may change and the agent may read, and the
 * variables, which are root's alone. No name in it was chosen by a user, and its parents are
 * root's.
 */
record RunFiles(Layout layout, RunId run) {
  private static final int DEADLINE_SECONDS = 5;

  void create() throws IOException {
    Path directory = layout.directory(run);
    if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(directory.toString());
    }
    // The agent may look at any moment, and must never meet a directory that it cannot read yet.
    Path fresh = directory.resolveSibling(".new-" + run.text());
    Files.deleteIfExists(fresh);
    Files.createDirectory(fresh, mode("rwxr-x---"));
    give(fresh, "rwxr-x---");
    Files.move(fresh, directory, StandardCopyOption.ATOMIC_MOVE);
  }

  void write(String name, Facts facts) throws IOException {
    facts.write(layout.directory(run).resolve(name), this::readable);
  }

  /** How it ended, where the program that writes that down did not. */
  void end(EndRecord end, String invocation) throws IOException {
    String unit = Layout.unit(run);
    end.facts(unit, invocation)
        .write(layout.ended().resolve(unit + "." + invocation), this::readable);
  }

  private void readable(Path file) throws IOException {
    give(file, "rw-r-----");
  }

  /**
   * Through which the job prints; its user's, so that a program may open it by its number, and read
   * by the keeper through its group, for that is root without a right of root's.
   */
  void pipe(UnixUser user) throws IOException {
    Path pipe = layout.directory(run).resolve("pipe");
    Process made =
        new ProcessBuilder("mkfifo", "-m", "0640", pipe.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (!made.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS) || made.exitValue() != 0) {
        throw new IOException("mkfifo " + pipe + " failed");
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new IOException("mkfifo was interrupted", stop);
    }
    view(pipe).setGroup(agents());
    Files.setAttribute(pipe, "unix:uid", (int) user.uid(), LinkOption.NOFOLLOW_LINKS);
  }

  void environment(String text) throws IOException {
    Files.createDirectories(layout.environment(), mode("rwx------"));
    Path file = layout.environment().resolve(run.text());
    Files.deleteIfExists(file);
    try (FileChannel out =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            mode("rw-------"))) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }

  /** Not for a pipe, which this would open. */
  private void give(Path file, String permissions) throws IOException {
    PosixFileAttributeView view = view(file);
    view.setGroup(agents());
    view.setPermissions(PosixFilePermissions.fromString(permissions));
  }

  private static PosixFileAttributeView view(Path file) {
    return Files.getFileAttributeView(
        file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }

  private GroupPrincipal agents() throws IOException {
    return FileSystems.getDefault()
        .getUserPrincipalLookupService()
        .lookupPrincipalByGroupName(layout.agent());
  }

  private static FileAttribute<Set<PosixFilePermission>> mode(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }
}
