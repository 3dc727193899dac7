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
 * Nodes as files, named by the hash of their names, as the longest is none that a file can have.
 */
final class FileNodeRegister implements NodeRegister {
  private static final Pattern FORM = Pattern.compile("node (\\S+)\nissued (\\S+)\nends (\\S+)\n");

  private final Path directory;
  private final Path credentials;

  /**
   * @param credentials the directory of the collector's own
   */
  FileNodeRegister(Path directory, Path credentials) {
    this.directory = directory;
    this.credentials = credentials;
  }

  @Override
  public Optional<Entry> newest(String node) {
    Path file = file(node);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    return Optional.of(
        parse(SecretFiles.read(file))
            .orElseThrow(() ->
                new TlsException(
                    file
                        + " is no record of a node, perhaps changed by hand: remove it, and revoke the node's certificates")));
  }

  private static Optional<Entry> parse(String text) {
    Matcher parts = FORM.matcher(text);
    try {
      return parts.matches()
          ? Optional.of(new Entry(Instant.parse(parts.group(2)), Instant.parse(parts.group(3))))
          : Optional.empty();
    } catch (DateTimeParseException noTime) {
      return Optional.empty();
    }
  }

  @Override
  public void issued(String node, Entry entry) {
    SecretFiles.ensureDirectory(directory);
    SecretFiles.replaceFile(
        file(node), "node %s\nissued %s\nends %s\n".formatted(node, entry.issued(), entry.ends()));
  }

  @Override
  public Revocations revocations() {
    return new Revocations(new RevocationFiles(credentials).read().values());
  }

  @Override
  public void revoke(Revocation revocation) {
    new RevocationFiles(credentials).add(revocation);
  }

  private Path file(String node) {
    return directory.resolve(Fingerprint.of(node).hex());
  }
}
