package io.millwright.collector.rest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The tokens of the collector's HTTP port, one a line: {@code ROLE NAME TOKEN}, where a token is
 * itself or {@code sha256:} with its SHA-256 in hexadecimal digits. Only digests are kept in
 * memory.
 *
 * <p>A token is random and long (256 bits of {@code collector token}), so that its plain hash is as
 * hard to turn back as it is to guess.
 */
public final class Tokens {
  private static final int LEAST_LENGTH = 20;
  private static final int WORDS = 3;
  private static final String HASHED = "sha256:";
  private static final String BEARER = "Bearer ";

  private final List<Entry> entries;

  @SuppressWarnings("ArrayRecordComponent") // compared by MessageDigest
  private record Entry(Caller caller, byte[] digest) {}

  private Tokens(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** Nobody has a token. */
  public static Tokens none() {
    return new Tokens(List.of());
  }

  /**
   * Reads the file.
   *
   * @throws IOException where it cannot be read, may be read by others, or has a line that is none;
   *     the message is one sentence that never shows a token
   */
  public static Tokens read(Path file) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    if (permissions.contains(PosixFilePermission.GROUP_READ)
        || permissions.contains(PosixFilePermission.OTHERS_READ)
        || permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(
          file + " may be read or written by others: make it so that only you can (chmod 600)");
    }
    List<Entry> entries = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        Entry entry = entry(file, i + 1, line);
        if (entries.stream().anyMatch(e -> MessageDigest.isEqual(e.digest(), entry.digest()))) {
          throw new IOException(
              "%s:%d has the token of another line: give each its own".formatted(file, i + 1));
        }
        entries.add(entry);
      }
    }
    return new Tokens(entries);
  }

  private static Entry entry(Path file, int number, String line) throws IOException {
    String[] words = line.split("\\s+", -1);
    Optional<Role> role = Role.ofWord(words[0]);
    if (words.length != WORDS || role.isEmpty() || words[2].length() < LEAST_LENGTH) {
      throw new IOException(
          "%s:%d is no token: a line is ROLE NAME TOKEN, with a role of viewer, operator or admin and a token of at least %d characters"
              .formatted(file, number, LEAST_LENGTH));
    }
    return new Entry(new Caller(words[1], role.get()), kept(file, number, words[2]));
  }

  /** The digest of what stands in the file, or the one that stands there. */
  private static byte[] kept(Path file, int number, String word) throws IOException {
    if (!word.startsWith(HASHED)) {
      return digest(word);
    }
    String hex = word.substring(HASHED.length());
    if (!hex.matches("[0-9a-f]{64}")) {
      throw new IOException(
          "%s:%d is no hash of a token: after %s stand 64 hexadecimal digits, as 'millwright collector token' writes them"
              .formatted(file, number, HASHED));
    }
    return HexFormat.of().parseHex(hex);
  }

  /** What stands in the file for a token of which only the hash is kept. */
  public static String hashed(String token) {
    return HASHED + HexFormat.of().formatHex(digest(token));
  }

  /** Who sent this header {@code Authorization}; empty for a token that nobody has. */
  Optional<Caller> caller(Optional<String> authorization) {
    if (authorization.isEmpty()) {
      return Optional.of(Caller.ANYBODY);
    }
    if (!authorization.get().startsWith(BEARER)) {
      return Optional.empty();
    }
    byte[] given = digest(authorization.get().substring(BEARER.length()).strip());
    Optional<Caller> found = Optional.empty();
    for (Entry entry : entries) {
      if (MessageDigest.isEqual(entry.digest(), given)) {
        found = Optional.of(entry.caller());
      }
    }
    return found;
  }

  private static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
