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
 * in each file {@code *.pub}, and in {@code node} the node's name where that is not the host's.
 */
public sealed interface Pinned {

  /** No key is there: starts need no signature. */
  record Nobody() implements Pinned {}

  /**
   * Those that one of these signed.
   *
   * @param node of which name they must be
   */
  record By(OrderKeys keys, String node) implements Pinned {}

  /** None, for what is there cannot be believed. */
  record Unusable(String sentence) implements Pinned {}

  /** Reads it anew; files count as a policy does, or nothing does. */
  static Pinned read(Path orders) {
    Path directory = orders.toAbsolutePath().normalize();
    if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return new Nobody();
    }
    List<OrderKey> keys = new ArrayList<>();
    Path looked = directory;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.pub")) {
      for (Path file : files) {
        looked = file;
        keys.add(OrderKey.read(file.toString(), GuardedFile.read(file).text()));
      }
      if (keys.isEmpty()) {
        return new Nobody();
      }
      if (keys.size() > OrderKeys.MOST) {
        return new Unusable(
            "%s holds %d keys, allowed are %d: remove the oldest"
                .formatted(directory, keys.size(), OrderKeys.MOST));
      }
      looked = directory.resolve("node");
      return new By(new OrderKeys(keys), node(looked));
    } catch (GuardedFile.Unguarded open) {
      return new Unusable(looked + ": " + open.sentence());
    } catch (TlsException noKey) {
      return new Unusable(String.valueOf(noKey.getMessage()));
    } catch (IOException | DirectoryIteratorException unreadable) {
      return new Unusable(looked + " cannot be read: " + unreadable);
    }
  }

  private static String node(Path file) throws GuardedFile.Unguarded, IOException {
    return Files.notExists(file, LinkOption.NOFOLLOW_LINKS)
        ? Files.readString(Path.of("/proc/sys/kernel/hostname")).strip()
        : GuardedFile.read(file).text().strip();
  }
}
