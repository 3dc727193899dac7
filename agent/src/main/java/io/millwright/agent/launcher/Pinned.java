package io.millwright.agent.launcher;

import io.millwright.protocol.orders.OrderKey;
import io.millwright.protocol.orders.OrderKeys;
import io.millwright.protocol.tls.TlsException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Whose starts this node takes, as root wrote it into {@code orders.d}: a public key of a collector
 * in each file {@code *.pub}, and in {@code node} the node's name where that is not the host's. A
 * node becomes unsigned again only when the directory itself goes: who may write into it does not
 * open the node by deleting the key.
 */
public sealed interface Pinned {

  /** There is no such directory: starts need no signature. */
  record Nobody() implements Pinned {}

  /**
   * Those that one of these signed.
   *
   * @param node of which name they must be
   * @param own whether a part of it is the property of this process's user, not being root: to
   *     root's launcher it is then {@link Unusable}
   */
  record By(OrderKeys keys, String node, boolean own) implements Pinned {}

  /** None, for what is there cannot be believed. */
  record Unusable(String sentence) implements Pinned {}

  /** Reads it anew; directory and files count as a policy does, or nothing does. */
  static Pinned read(Path orders) {
    Path directory = orders.toAbsolutePath().normalize();
    if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return new Nobody();
    }
    List<OrderKey> keys = new ArrayList<>();
    Path looked = directory;
    try {
      boolean own = GuardedFile.directory(directory);
      for (Path file : files(directory)) {
        looked = file;
        GuardedFile guarded = GuardedFile.read(file);
        own |= guarded.own();
        keys.add(OrderKey.read(file.toString(), guarded.text()));
      }
      if (keys.isEmpty()) {
        return new Unusable(
            "%s holds no key: put one there ('millwright-collector ca orders-key' prints it), or remove the directory, and starts need no signature"
                .formatted(directory));
      }
      if (keys.size() > OrderKeys.MOST) {
        return new Unusable(
            "%s holds %d keys, allowed are %d: remove the oldest"
                .formatted(directory, keys.size(), OrderKeys.MOST));
      }
      looked = directory.resolve("node");
      if (Files.notExists(looked, LinkOption.NOFOLLOW_LINKS)) {
        String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        return new By(new OrderKeys(keys), host, own);
      }
      GuardedFile node = GuardedFile.read(looked);
      return new By(new OrderKeys(keys), node.text().strip(), own || node.own());
    } catch (GuardedFile.Unguarded open) {
      return new Unusable(looked + ": " + open.sentence());
    } catch (TlsException noKey) {
      return new Unusable(String.valueOf(noKey.getMessage()));
    } catch (IOException | DirectoryIteratorException unreadable) {
      return new Unusable(looked + " cannot be read: " + unreadable);
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.pub")) {
      files.forEach(found::add);
    }
    return found;
  }
}
