package io.millwright.collector.paging;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * Where notices go.
 *
 * @param secret with which they are signed
 */
@SuppressWarnings("ArrayRecordComponent") // bytes that nobody compares
public record WebhookOptions(URI url, byte[] secret) {
  private static final int LEAST_SECRET = 16;

  /**
   * Reads the secret.
   *
   * @throws IOException where it cannot be read, may be read by others, or is too short; the
   *     message is one sentence that never shows it
   * @throws IllegalArgumentException where the address is none
   */
  public static WebhookOptions of(String url, Path file) throws IOException {
    URI uri = uri(url);
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    if (permissions.contains(PosixFilePermission.GROUP_READ)
        || permissions.contains(PosixFilePermission.OTHERS_READ)
        || permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(
          file + " may be read or written by others: make it so that only you can (chmod 600)");
    }
    byte[] secret = Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
    if (secret.length < LEAST_SECRET) {
      throw new IOException(
          "%s: a secret of %d bytes is refused; allowed are %d and more"
              .formatted(file, secret.length, LEAST_SECRET));
    }
    return new WebhookOptions(uri, secret);
  }

  private static URI uri(String given) {
    try {
      URI uri = new URI(given);
      String scheme = String.valueOf(uri.getScheme());
      if (uri.getHost() != null
          && uri.getUserInfo() == null
          && (scheme.equals("https") || scheme.equals("http"))) {
        return uri;
      }
      throw refused("'%s://%s'".formatted(scheme, String.valueOf(uri.getHost())));
    } catch (URISyntaxException _) { // its message shows the whole of it
      throw refused("what is no address");
    }
  }

  /** A user's password or a token in the path is not for a log. */
  private static IllegalArgumentException refused(String shown) {
    return new IllegalArgumentException(
        "--webhook: %s is refused; allowed is an address such as https://HOST/PATH without a user"
            .formatted(shown));
  }
}
