package io.millwright.agent.join;

import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.Renewal;
import io.millwright.protocol.tls.SecretFiles;
import io.millwright.protocol.tls.TlsException;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The directory of a node's credentials, while the node joins.
 *
 * <p><i>Lifecycle:</i> {@link #claim} before the token is sent, {@link #keep} at most once, {@link
 * #close}. Until {@code keep} nothing of what was there is touched. <i>Threading:</i> one owner; of
 * several processes one gets the claim. <i>Failure:</i> a {@link TlsException} with the remedy.
 */
public final class IdentityPlace implements AutoCloseable {
  private static final String CLAIM = "join.partial";

  private final Path directory;
  private final boolean made;

  private IdentityPlace(Path directory, boolean made) {
    this.directory = directory;
    this.made = made;
  }

  /**
   * Finds out whether credentials can be kept here.
   *
   * @param directory made where it is not there
   * @param replace whether an identity that is there may be replaced
   */
  public static IdentityPlace claim(Path directory, boolean replace) {
    Path target = directory.toAbsolutePath().normalize();
    boolean absent = !Files.exists(target);
    SecretFiles.ensureDirectory(target);
    Path claim = target.resolve(CLAIM);
    if (!SecretFiles.claim(claim, "millwright agent join\n")) {
      throw new TlsException(
          "%s is left of an attempt that was interrupted, or another is at work: remove it and try again"
              .formatted(claim));
    }
    IdentityPlace place = new IdentityPlace(target, absent);
    try {
      place.checkOwner();
      if (!replace) {
        place.checkVacant();
      }
    } catch (TlsException refused) {
      place.close();
      throw refused;
    }
    return place;
  }

  /** Another user's directory would get files that its owner, the agent, cannot read. */
  private void checkOwner() {
    try {
      String owner = Files.getOwner(directory).getName();
      if (!Files.getOwner(directory.resolve(CLAIM)).getName().equals(owner)) {
        throw new TlsException(
            "%s belongs to user %s: join as that user, or the agent could not read its key"
                .formatted(directory, owner));
      }
    } catch (IOException failure) {
      throw new TlsException("looking at the owner of " + directory, failure);
    }
  }

  private void checkVacant() {
    if (Files.exists(directory.resolve(Credentials.IDENTITY_FILE))) {
      throw new TlsException(
          "%s holds %s already: nothing was done; --replace joins in its place"
              .formatted(directory, standing()));
    }
  }

  private String standing() {
    try {
      Credentials present = Credentials.read(directory);
      return "the identity of %s of site %s, until %s"
          .formatted(
              present.identity().words(),
              present.identity().site(),
              Renewal.of(present.certificate()).notAfter());
    } catch (TlsException unreadable) {
      return "an identity that cannot be read";
    }
  }

  /** In one step: until it is on the disk, the old one stands. */
  public void keep(Credentials credentials) {
    credentials.replace(directory);
  }

  /** Gives the claim back; a directory that was made for nothing goes, too. */
  @Override
  public void close() {
    try {
      Files.deleteIfExists(directory.resolve(CLAIM));
      if (made && !Files.exists(directory.resolve(Credentials.IDENTITY_FILE))) {
        Files.deleteIfExists(directory);
      }
    } catch (DirectoryNotEmptyException others) {
      return; // somebody else's by now
    } catch (IOException failure) {
      throw new TlsException("removing " + directory.resolve(CLAIM), failure);
    }
  }
}
