package io.millwright.collector.trust;

import io.millwright.protocol.tls.SecretFiles;
import io.millwright.protocol.tls.TlsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A directory of what was taken back, a file each, beside the collector's credentials: commands add
 * to it, and a collector that runs finds what is new. A file is never changed.
 *
 * <p><i>Threading:</i> {@link #add} any thread and process; {@link #read} one thread.
 * <i>Failure:</i> a {@link TlsException} with one sentence.
 */
public final class RevocationFiles {
  private static final String DIRECTORY = "revoked";
  private static final Pattern NAME = Pattern.compile("[0-9a-z-]{1,64}");
  private static final String PARTIAL = ".partial";

  private final Path directory;
  private final Map<String, Revocation> known = new HashMap<>();

  /**
   * @param credentials the directory of the collector's own, as its authority made it
   */
  public RevocationFiles(Path credentials) {
    this.directory = credentials.resolve(DIRECTORY);
  }

  /** Adds one, durably. */
  public void add(Revocation revocation) {
    SecretFiles.ensureDirectory(directory);
    String name = "%013d-%s".formatted(revocation.at().toEpochMilli(), UUID.randomUUID());
    SecretFiles.replaceFile(directory.resolve(name), revocation.text());
  }

  /**
   * What is there.
   *
   * @param revocations by the name of their file
   * @param failure why one of the files, or the directory, cannot be read
   */
  public record Found(Map<String, Revocation> revocations, Optional<TlsException> failure) {
    public Found {
      revocations = Map.copyOf(revocations);
    }
  }

  /** All that can be read; a known one is not read again, and one bad file hides no other. */
  public Found found() {
    Set<String> names;
    try {
      names = names();
    } catch (TlsException unreadable) {
      return new Found(known, Optional.of(unreadable));
    }
    known.keySet().retainAll(names);
    List<TlsException> failures = new ArrayList<>();
    for (String name : names) {
      if (!known.containsKey(name)) {
        try {
          known.put(name, read(directory.resolve(name)));
        } catch (TlsException unreadable) {
          failures.add(unreadable);
        }
      }
    }
    return new Found(known, failures.stream().findFirst());
  }

  /**
   * All that are there.
   *
   * @throws TlsException where one cannot be read
   */
  public Map<String, Revocation> read() {
    Found found = found();
    if (found.failure().isPresent()) {
      throw found.failure().get();
    }
    return found.revocations();
  }

  private static Revocation read(Path file) {
    return Optional.of(String.valueOf(file.getFileName()))
        .filter(name -> NAME.matcher(name).matches())
        .flatMap(name -> Revocation.parse(SecretFiles.readPublic(file)))
        .orElseThrow(() ->
            new TlsException(
                file
                    + " is no revocation, and nobody can tell whom it means: revoke again, then remove it"));
  }

  private Set<String> names() {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> !name.endsWith(PARTIAL))
          .collect(Collectors.toSet());
    } catch (NoSuchFileException none) {
      return Set.of();
    } catch (IOException failure) {
      throw new TlsException("reading " + directory, failure);
    }
  }
}
