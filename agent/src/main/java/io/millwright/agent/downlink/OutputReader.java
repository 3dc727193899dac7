package io.millwright.agent.downlink;

import io.millwright.agent.jobs.JobsRoom;
import io.millwright.agent.jobs.Run;
import io.millwright.agent.launcher.OutputPart;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the output of runs, one question at a time.
 *
 * <p><i>Threading:</i> the thread {@code output} reads; a question that finds 64 waiting is refused
 * at once.
 */
final class OutputReader {
  private static final Logger LOG = LoggerFactory.getLogger(OutputReader.class);
  private static final int MOST_WAITING = 64;
  private static final int TRIES = 3;

  private final JobsRoom room;
  private final BlockingQueue<Runnable> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Thread thread;

  OutputReader(JobsRoom room) {
    this.room = room;
    this.thread = Threads.platform("output", this::run);
  }

  void start() {
    thread.start();
  }

  void close() {
    thread.interrupt();
  }

  void read(Frame.ReadOutput question, Consumer<Frame.Output> answer) {
    if (!waiting.offer(() -> answer.accept(answer(question)))) {
      answer.accept(refused(question, "too many ask for output at once; ask again"));
    }
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        waiting.take().run();
      } catch (InterruptedException stop) {
        return;
      } catch (RuntimeException | Error e) {
        LOG.error("reading output failed", e);
      }
    }
  }

  private Frame.Output answer(Frame.ReadOutput question) {
    Optional<Run> run = run(question.run());
    if (run.isEmpty()) {
      return refused(question, "nothing is kept of run " + question.run().text() + " here");
    }
    boolean ended = !run.get().open(); // before the files are looked at: none grows after that
    try {
      for (int i = 0; i < TRIES; i++) {
        List<OutputPart> parts = room.output(question.run());
        try {
          return answer(question, parts, ended);
        } catch (NoSuchFileException dropped) {
          LOG.debug("output was dropped while it was read", dropped);
        }
      }
      return refused(question, "it prints faster than it can be read; ask again");
    } catch (IOException | RuntimeException e) {
      return refused(question, "its output cannot be read: " + e.getMessage());
    }
  }

  private Optional<Run> run(RunId id) {
    return room.runs().stream().filter(run -> run.id().equals(id)).findFirst();
  }

  private static Frame.Output refused(Frame.ReadOutput question, String why) {
    String ascii = why.replaceAll("[^\\x20-\\x7e]", "?");
    return new Frame.Output(
        question.number(),
        question.offset(),
        true,
        ascii.substring(0, Math.min(ascii.length(), 256)),
        Payload.EMPTY);
  }

  /** From one file; what follows in the next is asked for next. */
  private static Frame.Output answer(
      Frame.ReadOutput question, List<OutputPart> parts, boolean ended) throws IOException {
    long at = parts.isEmpty() ? 0 : parts.getFirst().offset();
    for (int i = 0; i < parts.size(); i++) {
      OutputPart part = parts.get(i);
      long from = Math.max(question.offset(), part.offset());
      byte[] bytes = bytes(part, from - part.offset(), question.most());
      boolean last = i == parts.size() - 1;
      if (bytes.length > 0) {
        boolean more = !last || bytes.length == question.most();
        return new Frame.Output(question.number(), from, ended && !more, "", Payload.of(bytes));
      }
      at = last ? from : at;
    }
    return new Frame.Output(
        question.number(), Math.max(at, question.offset()), ended, "", Payload.EMPTY);
  }

  private static byte[] bytes(OutputPart part, long from, int most) throws IOException {
    try (FileChannel file = FileChannel.open(part.file(), StandardOpenOption.READ)) {
      long left = Math.max(0, file.size() - from);
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(left, most));
      while (buffer.hasRemaining() && file.read(buffer, from + buffer.position()) > 0) {}
      byte[] bytes = new byte[buffer.position()];
      buffer.flip().get(bytes);
      return bytes;
    }
  }
}
