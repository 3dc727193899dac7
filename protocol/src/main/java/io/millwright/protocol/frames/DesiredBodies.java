package io.millwright.protocol.frames;

import java.util.ArrayList;
import java.util.List;

/** Cuts the body of a desired state into frames; {@link DesiredAssembly} joins them. */
public final class DesiredBodies {
  private DesiredBodies() {}

  /**
   * The frames of this body, in the order in which they are to be sent.
   *
   * @throws IllegalArgumentException where the body is larger than {@link DesiredPart#LARGEST_BODY}
   */
  public static List<Frame.Desired> split(DesiredHead head, Payload body) {
    return parts(body).stream().map(part -> new Frame.Desired(false, head, part)).toList();
  }

  /** The same for one that stops something and goes before all that waits. */
  public static List<Frame.Desired> splitUrgent(DesiredHead head, Payload body) {
    return parts(body).stream().map(part -> new Frame.Desired(true, head, part)).toList();
  }

  private static List<DesiredPart> parts(Payload body) {
    Bounds.between("desired body bytes", body.length(), 0, DesiredPart.LARGEST_BODY);
    Payload digest = digest(body.shared(), body.length());
    int count = Math.max(1, Math.ceilDiv(body.length(), Payload.LONGEST_BODY));
    List<DesiredPart> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int start = i * Payload.LONGEST_BODY;
      int end = Math.min(body.length(), start + Payload.LONGEST_BODY);
      parts.add(new DesiredPart(digest, body.length(), i + 1, count, body.part(start, end)));
    }
    return parts;
  }

  static Payload digest(byte[] bytes, int length) {
    return Payload.owning(Sha256.of(bytes, length));
  }
}
