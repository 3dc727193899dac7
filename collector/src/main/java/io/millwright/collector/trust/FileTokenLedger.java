package io.millwright.collector.trust;

import io.millwright.protocol.tls.Fingerprint;
import io.millwright.protocol.tls.SecretFiles;
import io.millwright.protocol.tls.TlsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tokens as files: {@code HASH} says node and end, {@code HASH.used} exists once it is used, and
 * only one can create that. Nothing is removed; a site may remove both files of a token that ended.
 */
final class FileTokenLedger implements TokenLedger {
  private static final Pattern FORM = Pattern.compile("node (\\S+)\nends (\\S+)\n(replaces\n)?");

  private final Path directory;

  FileTokenLedger(Path directory) {
    this.directory = directory;
  }

  @Override
  public void add(Fingerprint key, Entry entry) {
    SecretFiles.ensureDirectory(directory);
    SecretFiles.createFile(
        file(key),
        "node %s\nends %s\n%s"
            .formatted(entry.node(), entry.ends(), entry.replaces() ? "replaces\n" : ""));
  }

  @Override
  public Standing standing(Fingerprint key) {
    if (!Files.exists(file(key))) {
      return new Standing.Unknown();
    }
    return parse(SecretFiles.read(file(key)))
        .map(entry -> Files.exists(used(key)) ? new Standing.Used(entry) : new Standing.Open(entry))
        .orElseThrow(() ->
            new TlsException(
                file(key)
                    + " is no token, perhaps written in part: remove it and make a new token"));
  }

  @Override
  public boolean spend(Fingerprint key) {
    return SecretFiles.claim(used(key), "");
  }

  private static Optional<Entry> parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Entry(parts.group(1), Instant.parse(parts.group(2)), parts.group(3) != null));
    } catch (DateTimeParseException noTime) {
      return Optional.empty();
    }
  }

  private Path file(Fingerprint key) {
    return directory.resolve(key.hex());
  }

  private Path used(Fingerprint key) {
    return directory.resolve(key.hex() + ".used");
  }
}
