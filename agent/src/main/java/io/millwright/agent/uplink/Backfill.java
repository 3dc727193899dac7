package io.millwright.agent.uplink;

import io.millwright.agent.spool.Spool;
import io.millwright.agent.spool.Spooled;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.SpoolRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * What the collector lacks and is sent besides the live samples: first what is in memory, then the
 * spool's files. A chain of a file is sent in one piece, because a frame of another breaks it.
 *
 * <p><i>Lifecycle:</i> {@link #begin} with each session, {@link #left} at its end.
 * <i>Threading:</i> the thread {@code uplink}.
 */
final class Backfill {
  private final Ring ring;
  private final Optional<Spool> spool;
  private final Deque<Piece> sent = new ArrayDeque<>();
  private final Deque<Spooled> read = new ArrayDeque<>();
  private Hash128 told = Hash128.NONE;
  private OptionalLong suspect = OptionalLong.empty();
  private long session;
  private boolean asked;
  private boolean chainEnded = true;
  private boolean sentFiled;

  /** What is sent next. */
  sealed interface Piece {
    Position at();

    /** Frames that need a credit. */
    int blocks();

    record Held(Ring.Kept kept) implements Piece {
      @Override
      public Position at() {
        return kept.sample().at();
      }

      @Override
      public int blocks() {
        return kept.sample().schema().blocks();
      }
    }

    record Filed(Spooled sample) implements Piece {
      @Override
      public Position at() {
        return sample.at();
      }

      @Override
      public int blocks() {
        return sample.blocks();
      }
    }
  }

  Backfill(Ring ring, Optional<Spool> spool) {
    this.ring = ring;
    this.spool = spool;
  }

  /** A session is open. */
  void begin() {
    sent.clear();
    read.clear();
    told = Hash128.NONE;
    asked = false;
    chainEnded = true;
    session = spool.map(Spool::begin).orElse(0L);
  }

  /**
   * A session has ended.
   *
   * @param malformed whether because the collector could not read something. A file under way that
   *     was so before is given up: one file must not keep the node from its collector for ever. A
   *     session that sent nothing of a file says nothing of any.
   */
  void left(boolean malformed) {
    OptionalLong file =
        sent.stream()
            .mapToLong(piece -> piece instanceof Piece.Filed(var sample) ? sample.segment() : -1)
            .filter(segment -> segment >= 0)
            .findFirst();
    if (malformed && file.isPresent() && file.equals(suspect)) {
      spool.ifPresent(kept -> kept.refuse(file.getAsLong()));
    }
    if (sentFiled) {
      suspect = malformed ? file : OptionalLong.empty();
    }
    sentFiled = false;
    sent.clear();
    read.clear();
    ring.left();
  }

  /**
   * Whether a file may be what the collector could not read: then the live samples go alone first.
   */
  boolean suspects() {
    return suspect.isPresent();
  }

  /** The next, without taking it; empty where nothing is at hand. */
  Optional<Piece> next() {
    boolean atBoundary = read.isEmpty() ? chainEnded : read.getFirst().beginsChain();
    if (atBoundary) {
      Optional<Ring.Kept> held = ring.next();
      if (held.isPresent()) {
        return Optional.of(new Piece.Held(held.get()));
      }
    }
    return Optional.ofNullable(read.peekFirst()).map(Piece.Filed::new);
  }

  /**
   * The frames of the next one, which is under way from now on.
   *
   * @param piece from {@link #next}
   */
  List<Payload> send(Piece piece) {
    List<Payload> frames = new ArrayList<>(2);
    sent.addLast(piece);
    switch (piece) {
      case Piece.Held(var kept) -> {
        ring.sentAsBackfill(kept);
        if (!told.equals(kept.sample().schema().hash())) {
          told = kept.sample().schema().hash();
          frames.add(schema(kept));
        }
        frames.add(kept.sample().frames());
      }
      case Piece.Filed(var sample) -> {
        read.removeFirst();
        sentFiled = true;
        if (sample.beginsChain() && !told.equals(sample.schema())) {
          told = sample.schema();
          frames.add(sample.schemaFrame());
        }
        frames.add(sample.frames());
      }
    }
    return frames;
  }

  private static Payload schema(Ring.Kept kept) {
    FrameWriter writer = new FrameWriter(4096);
    Frame.Schema schema = kept.sample().schema().frame();
    writer.write(schema);
    return Payload.of(writer.backfill());
  }

  /**
   * Asks the spool where little is at hand.
   *
   * @param most that are wanted at hand
   * @param answer gets them on the thread {@code spool}; ends in {@link #answered}
   */
  void fetch(int most, Consumer<List<Spooled>> answer) {
    if (asked || spool.isEmpty() || read.size() >= most) {
      return;
    }
    asked = true;
    int wanted = most;
    spool.get().next(session, wanted, found -> answer.accept(found));
  }

  /**
   * These were read.
   *
   * @param wanted how many were asked for: where they are fewer, the file has ended
   */
  void answered(List<Spooled> found, int wanted) {
    asked = false;
    read.addAll(found);
    chainEnded = found.size() < wanted;
  }

  /** Frames that were read from files, sent in this session and are not acknowledged. */
  int underWay() {
    int frames = 0;
    for (Piece piece : sent) {
      frames += piece instanceof Piece.Filed ? piece.blocks() : 0;
    }
    return frames;
  }

  /** The collector has all that was sent before this one, and this one. */
  void acknowledged(Position at) {
    if (sent.stream().noneMatch(piece -> piece.at().equals(at))) {
      return;
    }
    List<Spooled> gone = new ArrayList<>();
    int count = 0;
    Piece piece;
    do {
      piece = sent.removeFirst();
      count++;
      switch (piece) {
        case Piece.Held(var kept) -> ring.letGo(kept);
        case Piece.Filed(var sample) -> gone.add(sample);
      }
    } while (!piece.at().equals(at));
    int delivered = count;
    spool.ifPresent(kept -> {
      kept.delivered(delivered);
      if (!gone.isEmpty()) {
        kept.letGo(gone);
      }
    });
  }

  /** What is kept, in memory and in files. */
  SpoolRange range() {
    SpoolRange memory = ring.range();
    SpoolRange files = spool.map(Spool::range).orElse(SpoolRange.EMPTY);
    if (files.equals(SpoolRange.EMPTY)) {
      return memory;
    }
    return memory.equals(SpoolRange.EMPTY)
        ? files
        : new SpoolRange(files.oldest(), memory.newest());
  }
}
