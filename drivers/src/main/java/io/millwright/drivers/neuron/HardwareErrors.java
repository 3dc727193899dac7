package io.millwright.drivers.neuron;

import io.millwright.drivers.neuron.binding.EventFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The counts of hardware errors of all devices ({@code hw_error_event}), waited for.
 *
 * <p>What has changed is told by what the files hold, not by the wait: a plain file of a simulated
 * tree has no events, and a driver before 2.28 or a file system may say "ready" for ever.
 *
 * <p><i>Lifecycle:</i> {@link #look} and {@link #await} in turn, {@link #close} once.
 * <i>Threading:</i> one owner. <i>Failure:</i> a file that cannot be read any more is let go of and
 * opened again by the next look.
 */
public final class HardwareErrors implements AutoCloseable {
  private final NeuronTree tree;
  private final Map<Integer, Watched> watched = new TreeMap<>();

  private record Watched(EventFile file, String text) {}

  /** How a wait ended. */
  public enum Wait {
    /** A file said that it has an event. */
    READY,
    /** None did. */
    QUIET
  }

  public HardwareErrors(NeuronTree tree) {
    this.tree = tree;
  }

  /**
   * Reads all files, of devices that are new too; the numbers of the devices whose count is another
   * than at the look before. The first look at a device tells nothing of it.
   */
  public List<Integer> look() {
    List<Integer> changed = new ArrayList<>();
    List<Integer> there = tree.numbers();
    letGoBut(there);
    for (int number : there) {
      if (!watched.containsKey(number)) {
        open(number);
      } else if (again(number)) {
        changed.add(number);
      }
    }
    return changed;
  }

  private void letGoBut(List<Integer> there) {
    watched
        .entrySet()
        .removeIf(one -> {
          boolean gone = !there.contains(one.getKey());
          if (gone) {
            one.getValue().file().close();
          }
          return gone;
        });
  }

  private void open(int number) {
    Path directory = tree.directory(number);
    EventFile.open(directory).ifPresent(file -> keep(number, file));
  }

  private void keep(int number, EventFile file) {
    Optional<String> text = file.read();
    if (text.isPresent()) {
      watched.put(number, new Watched(file, text.get()));
    } else {
      file.close();
    }
  }

  /** A file that is empty for the moment of a write has not changed. */
  private boolean again(int number) {
    Watched before = watched.get(number);
    if (before == null) {
      return false;
    }
    Optional<String> text = before.file().read();
    if (text.isEmpty()) {
      watched.remove(number);
      before.file().close();
      return false;
    }
    if (text.get().isEmpty() || text.get().equals(before.text())) {
      return false;
    }
    watched.put(number, new Watched(before.file(), text.get()));
    return true;
  }

  /** Waits until a file has an event, at most so long. */
  public Wait await(int milliseconds) {
    List<EventFile> files = watched.values().stream().map(Watched::file).toList();
    return EventFile.await(files, milliseconds) ? Wait.READY : Wait.QUIET;
  }

  /** How many devices are watched. */
  public int watching() {
    return watched.size();
  }

  @Override
  public void close() {
    watched.values().forEach(one -> one.file().close());
    watched.clear();
  }
}
