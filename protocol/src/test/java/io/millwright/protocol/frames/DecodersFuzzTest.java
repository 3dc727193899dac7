package io.millwright.protocol.frames;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Mutated frames through every decoder that the network reaches: a frame or a refusal of one
 * sentence, no other exception, bounded memory. A million; fifty million with {@code -Dlong=yes}.
 */
class DecodersFuzzTest {
  private static final long SEED = Long.getLong("seed", new Random().nextLong());
  private static final int WORKERS = 2;

  /** What takes as long as a hundred others is one in so many. */
  private static final int RARELY = 500;

  private static final int QUICK = 1_000_000;
  private static final int LONG = 50_000_000;

  /** For one input, bytes: a schema of a hundred may say four thousand series, all looked at. */
  private static final long MOST_ALLOCATED = 8L << 20;

  private static final long MOST_GROWTH = 4L << 20;

  @Test
  void anyMutationIsAFrameOrARefusal() throws Exception {
    int mutations = System.getProperty("long", "no").equals("yes") ? LONG : QUICK;
    System.out.println("DecodersFuzzTest -Dseed=" + SEED + " mutations=" + mutations);
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      workers.add(new Worker(SEED + i));
    }
    run(workers, mutations / 10 / WORKERS);
    long before = live();
    run(workers, mutations / 10 * 9 / WORKERS);
    assertThat(live() - before).as("growth of the live heap, bytes").isLessThan(MOST_GROWTH);
    long refused = workers.stream().mapToLong(worker -> worker.refused).sum();
    System.out.println("DecodersFuzzTest refused=" + refused);
    assertThat(refused).isBetween(mutations / 4L, mutations * 95L / 100);
  }

  private static void run(List<Worker> workers, int mutations)
      throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newFixedThreadPool(WORKERS)) {
      List<Future<?>> ends = new ArrayList<>();
      for (Worker worker : workers) {
        ends.add(threads.submit(() -> worker.run(mutations)));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    }
  }

  private static long live() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** One thread's share: what it does follows from its seed alone. */
  private static final class Worker {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final List<byte[]> frames = FuzzSeeds.frames();
    private final List<byte[]> large =
        List.of(
            FrameWriter.encode(FuzzSeeds.SCHEMAS.getLast().frame()),
            FuzzSeeds.chain(FuzzSeeds.SCHEMAS.getLast()));
    private final List<FuzzSeeds.Body> bodies = FuzzSeeds.bodies();
    private final List<byte[]> joins = FuzzSeeds.joins();
    private final List<byte[]> posts = FuzzSeeds.posts();
    private final byte[] content = FuzzSeeds.content(FuzzSeeds.SCHEMAS.getFirst());
    private final byte[] chain = FuzzSeeds.chain(FuzzSeeds.SCHEMAS.getFirst());
    private final Row row = FuzzSeeds.row(FuzzSeeds.SCHEMAS.getFirst(), 7);
    private final long seed;
    private final SplittableRandom random;
    private final Mutator mutator;
    private final EveryDecoder decoders = new EveryDecoder(FuzzSeeds.SCHEMAS);
    private long done;
    private long refused;

    Worker(long seed) {
      this.seed = seed;
      random = new SplittableRandom(seed);
      mutator = new Mutator(random);
    }

    void run(int mutations) {
      for (int i = 0; i < mutations; i++) {
        done++;
        switch (random.nextInt(64)) {
          case 0 -> given(mutated(joins), EveryDecoder::joined);
          case 1 -> given(mutated(posts), EveryDecoder::posted);
          case 2, 3, 4 -> frames(FuzzSeeds.schema(mutator.mutated(content, 0, any(frames))));
          case 5, 6, 7, 8, 9, 10 -> chain();
          case 11, 12, 13, 14, 15, 16, 17, 18 -> body();
          default -> whole(random.nextInt(RARELY) == 0 ? any(large) : any(frames));
        }
      }
    }

    private byte[] any(List<byte[]> seeds) {
      return seeds.get(random.nextInt(seeds.size()));
    }

    private byte[] mutated(List<byte[]> seeds) {
      return mutator.mutated(any(seeds), 0, any(seeds));
    }

    private void whole(byte[] frame) {
      frames(sized(mutator.mutated(frame, random.nextInt(7), any(frames))));
    }

    /** Mostly with the length that it has: else nothing behind it is read. */
    private byte[] sized(byte[] frame) {
      if (frame.length >= Integer.BYTES && random.nextInt(16) != 0) {
        ByteBuffer.wrap(frame).putInt(0, frame.length - Integer.BYTES);
      }
      return frame;
    }

    /** Where the frames around it are right. */
    private void body() {
      FuzzSeeds.Body body = bodies.get(random.nextInt(bodies.size()));
      byte[] other = bodies.get(random.nextInt(bodies.size())).json().toByteArray();
      byte[] json = mutator.mutated(body.json().toByteArray(), 0, other);
      frames(FuzzSeeds.framed(body.type(), Payload.of(json)));
    }

    /** After whatever came in it, a new KEY is right again. */
    private void chain() {
      frames(mutator.mutated(chain, random.nextInt(200), chain));
      decoders.heals(0, done, row);
    }

    private void frames(byte[] bytes) {
      int type = bytes.length > Integer.BYTES ? Byte.toUnsignedInt(bytes[Integer.BYTES]) : 0;
      boolean agent = FrameType.ofCode(type).map(known -> known.comesFrom(Side.AGENT)).orElse(true);
      boolean other = random.nextInt(64) == 0;
      boolean opens = FrameType.ofCode(type).map(known -> !known.follows()).orElse(false);
      Side sender = agent == other ? Side.COLLECTOR : Side.AGENT;
      given(bytes, given -> decoders.received(sender, opens == other, given));
    }

    private interface Decoding {
      Optional<String> of(byte[] bytes);
    }

    private void given(byte[] bytes, Decoding decoding) {
      try {
        long before = threads.getCurrentThreadAllocatedBytes();
        refused += decoding.of(bytes).isPresent() ? 1 : 0;
        if (threads.getCurrentThreadAllocatedBytes() - before > MOST_ALLOCATED) {
          again(bytes, decoding);
        }
      } catch (RuntimeException | Error mistake) {
        throw new AssertionError(
            "-Dseed=%d, input %d: %s".formatted(seed, done, HexFormat.of().formatHex(bytes)),
            mistake);
      }
    }

    /** The first time, classes may have been loaded. */
    private void again(byte[] bytes, Decoding decoding) {
      long before = threads.getCurrentThreadAllocatedBytes();
      var _ = decoding.of(bytes);
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_ALLOCATED);
    }
  }
}
