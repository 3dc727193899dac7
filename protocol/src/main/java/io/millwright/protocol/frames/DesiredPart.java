package io.millwright.protocol.frames;

/**
 * A piece of a desired state's body.
 *
 * @param digest SHA-256 of the whole body
 * @param size of the whole body in bytes
 * @param number of this part, from 1
 * @param of how many parts
 * @param bytes of this part
 */
public record DesiredPart(Payload digest, int size, int number, int of, Payload bytes) {
  /** The largest body of a desired state. */
  public static final int LARGEST_BODY = 8 * 1024 * 1024;

  /** So many full parts hold the largest body. */
  public static final int MOST_PARTS =
      (LARGEST_BODY + Payload.LONGEST_BODY - 1) / Payload.LONGEST_BODY;

  public DesiredPart {
    Bounds.between("digest bytes", digest.length(), Sha256.LENGTH, Sha256.LENGTH);
    Bounds.between("size", size, 0, LARGEST_BODY);
    Bounds.between("parts", of, 1, MOST_PARTS);
    Bounds.between("part", number, 1, of);
    Bounds.body("part", bytes);
  }
}
