package io.millwright.protocol.frames;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Turns the bytes of one side of a session into frames.
 *
 * <p><i>Lifecycle:</i> one for each connection; {@link #open()} when the collector has sent, or the
 * agent has read, WELCOME. Before, only what opens a session is let through, and no frame beyond
 * {@link FrameType#SHORT}. <i>Threading:</i> one owner thread. <i>Failure:</i> any byte string is a
 * frame, an unknown frame or a {@link MalformedFrame}; after that the connection is to be closed.
 */
public final class FrameReader {
  private static final int HEAD = Integer.BYTES + 2 * Byte.BYTES;

  private final Side sender;
  private boolean open;

  /** Reads what this side sends. */
  public FrameReader(Side sender) {
    this.sender = sender;
  }

  /** The session is open: HELLO was accepted. */
  public void open() {
    open = true;
  }

  /**
   * Consumes the next frame, if all of it is there.
   *
   * @param received from its position to its limit; where the frame is incomplete or its length is
   *     refused, nothing is consumed
   */
  public Inbound next(ByteBuffer received) {
    if (received.remaining() < HEAD) {
      return new Incomplete(HEAD);
    }
    int start = received.position();
    long length = Integer.toUnsignedLong(received.getInt(start));
    int code = Byte.toUnsignedInt(received.get(start + Integer.BYTES));
    int longest = longest(code);
    if (length < HEAD - Integer.BYTES || length > longest) {
      return new MalformedFrame(
          "length: '%d' is refused; allowed for type %d is from 2 to %d"
              .formatted(length, code, longest));
    }
    int whole = Integer.BYTES + (int) length;
    return received.remaining() < whole ? new Incomplete(whole) : take(received, whole);
  }

  private int longest(int code) {
    return open
        ? FrameType.ofCode(code).map(FrameType::longest).orElse(FrameType.USUAL)
        : FrameType.SHORT;
  }

  private Decoded take(ByteBuffer received, int whole) {
    int start = received.position();
    ByteBuffer frame = received.slice(start + Integer.BYTES, whole - Integer.BYTES);
    received.position(start + whole);
    int code = Byte.toUnsignedInt(frame.get());
    Optional<FrameType> type = FrameType.ofCode(code);
    if (type.isEmpty()) {
      return open ? new UnknownFrame(code) : outOfPlace("type " + code);
    }
    return decode(type.get(), frame);
  }

  private Decoded decode(FrameType type, ByteBuffer frame) {
    if (!type.comesFrom(sender) || !(open ? type.follows() : type.opens())) {
      return outOfPlace(type.name());
    }
    try {
      int flags = Byte.toUnsignedInt(frame.get());
      return new BodyReader(flags, new WireInput(frame)).read(type);
    } catch (IllegalArgumentException e) {
      return new MalformedFrame(type + ": " + e.getMessage());
    }
  }

  private MalformedFrame outOfPlace(String what) {
    return new MalformedFrame(
        "%s is no frame that the %s may send %s WELCOME"
            .formatted(
                what, sender == Side.AGENT ? "agent" : "collector", open ? "after" : "before"));
  }
}
