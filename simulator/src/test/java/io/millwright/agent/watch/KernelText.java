package io.millwright.agent.watch;

import io.millwright.agent.health.Event;
import java.util.ArrayList;
import java.util.List;

/**
 * The agent's own reading of the kernel log, from the text of a record to events, without the
 * thread that follows a file: what came between two ticks goes through the same backlog, so that a
 * flood is counted as it is there. It stands in the package of what it opens.
 */
public final class KernelText {
  private final Backlog backlog = new Backlog();
  private long sequence;

  /** One line that the kernel itself wrote. */
  public void kernel(String text, long atMs) {
    record(0, text, atMs);
  }

  /** One line that a user wrote into the kernel's log. */
  public void user(String text, long atMs) {
    record(1, text, atMs);
  }

  private void record(int facility, String text, long atMs) {
    sequence++;
    KernelLine.of("%d,%d,%d,-;%s".formatted(facility * 8 + 4, sequence, sequence, text))
        .filter(KernelLine::isOfTheKernel)
        .ifPresent(line ->
            KernelWords.events(line.text(), atMs)
                .forEach(event -> backlog.offer(new KernelLog.Line(sequence, event))));
  }

  /** What came since the last call. */
  public List<Event> drain() {
    List<Event> events = new ArrayList<>();
    backlog.drain(line -> events.add(line.event()));
    return events;
  }
}
