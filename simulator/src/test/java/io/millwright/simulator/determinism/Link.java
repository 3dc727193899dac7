package io.millwright.simulator.determinism;

import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.Inbound;
import io.millwright.protocol.frames.Side;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;

/**
 * One connection: what each side wrote and the other has not got yet. Bytes come late, in pieces of
 * any length and in their order, as TCP's do; the rest of them is lost when the connection breaks,
 * and each side hears of that by itself, or never. A side whose process died is touched no more.
 */
final class Link {
  final SimulatedAgent agent;
  final SimulatedCollector collector;
  private final Random random;
  private final Way toCollector;
  private final Way toAgent;

  /** One direction. */
  private final class Way {
    private final SteppedChannel from;
    private final SteppedChannel to;
    private final Consumer<byte[]> said;
    private final Consumer<byte[]> heard;
    private byte[] bytes = new byte[0];
    private boolean fromDead;
    private boolean toDead;
    private boolean ended;
    private boolean silent;

    /**
     * @param said reads along what is written
     * @param heard reads along what comes
     */
    Way(SteppedChannel from, SteppedChannel to, Consumer<byte[]> said, Consumer<byte[]> heard) {
      this.from = from;
      this.to = to;
      this.said = said;
      this.heard = heard;
    }

    /** Takes what the side has written since; its end comes behind it. */
    void collect() {
      if (fromDead) {
        return;
      }
      for (ByteBuf next = from.readOutbound(); next != null; next = from.readOutbound()) {
        int before = bytes.length;
        int more = next.readableBytes();
        byte[] written = new byte[more];
        next.readBytes(written);
        next.release();
        said.accept(written);
        if (!ended) {
          bytes = Arrays.copyOf(bytes, before + more);
          System.arraycopy(written, 0, bytes, before, more);
        }
      }
      ended |= !from.isOpen();
    }

    boolean waits() {
      return !toDead && to.isOpen() && (bytes.length > 0 || (ended && !silent));
    }

    void deliver(int most) {
      int length = Math.min(most, bytes.length);
      if (length > 0) {
        byte[] now = Arrays.copyOf(bytes, length);
        bytes = Arrays.copyOfRange(bytes, length, bytes.length);
        heard.accept(now);
        to.writeInbound(Unpooled.wrappedBuffer(now));
      }
      if (ended && !silent && bytes.length == 0 && to.isOpen()) {
        var _ = to.close();
      }
    }

    void cut(boolean unheard) {
      bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      ended = true;
      silent = unheard;
    }

    /** Whoever wrote is dead: what was not handed over to the network has never been. */
    void writerDied() {
      fromDead = true;
      ended = true;
      for (ByteBuf left = from.readOutbound(); left != null; left = from.readOutbound()) {
        left.release();
      }
    }
  }

  /** Reads along. */
  private static final class Tap {
    private final FrameReader reader;
    private final Consumer<Frame> told;
    private byte[] rest = new byte[0];

    Tap(Side sender, Consumer<Frame> told) {
      this.reader = new FrameReader(sender);
      this.told = told;
    }

    void pass(byte[] next) {
      byte[] all = Arrays.copyOf(rest, rest.length + next.length);
      System.arraycopy(next, 0, all, rest.length, next.length);
      ByteBuffer bytes = ByteBuffer.wrap(all);
      for (Inbound in = reader.next(bytes); in instanceof Frame frame; in = reader.next(bytes)) {
        told.accept(frame);
        reader.open(); // the first has opened the session
      }
      rest = Arrays.copyOfRange(all, bytes.position(), all.length);
    }
  }

  Link(
      SimulatedAgent agent,
      SimulatedCollector collector,
      SteppedChannel agentEnd,
      SteppedChannel collectorEnd,
      Witness witness,
      Random random) {
    this.agent = agent;
    this.collector = collector;
    this.random = random;
    String node = agent.node();
    this.toCollector =
        new Way(
            agentEnd,
            collectorEnd,
            new Tap(Side.AGENT, frame -> witness.said(node, frame))::pass,
            bytes -> {});
    this.toAgent =
        new Way(
            collectorEnd,
            agentEnd,
            bytes -> {},
            new Tap(Side.COLLECTOR, frame -> witness.delivered(node, frame))::pass);
  }

  void collect() {
    toCollector.collect();
    toAgent.collect();
  }

  boolean over() {
    boolean agentGone = toAgent.toDead || !toAgent.to.isOpen();
    boolean collectorGone = toCollector.toDead || !toCollector.to.isOpen();
    return agentGone && collectorGone;
  }

  boolean waitsForCollector() {
    return toCollector.waits();
  }

  boolean waitsForAgent() {
    return toAgent.waits();
  }

  void deliverToCollector(boolean all) {
    toCollector.deliver(piece(toCollector, all));
    collect();
  }

  void deliverToAgent(boolean all) {
    toAgent.deliver(piece(toAgent, all));
    collect();
  }

  private int piece(Way way, boolean all) {
    return all ? Integer.MAX_VALUE : random.nextInt(way.bytes.length + 1);
  }

  /** It breaks at any byte; now and then neither side hears of it. */
  void cut() {
    boolean unheard = random.nextInt(3) == 0;
    toCollector.cut(unheard);
    toAgent.cut(unheard);
  }

  /** The agent's process is gone; its kernel says so, or the machine went with it. */
  void agentDied(boolean unheard) {
    toCollector.writerDied();
    toCollector.silent |= unheard;
    toAgent.toDead = true;
  }

  void collectorDied(boolean unheard) {
    toAgent.writerDied();
    toAgent.silent |= unheard;
    toCollector.toDead = true;
  }

  /** What time asks of the collector's side. */
  void collectorTurn() {
    if (!toAgent.fromDead && toAgent.from.isOpen()) {
      toAgent.from.runPendingTasks();
    }
    collect();
  }
}
