package io.millwright.simulator.neuron;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** A file of the tree with what it shows: rewritten where that has changed, and only then. */
abstract sealed class Leaf {
  private final SysfsFile file;
  private final String path;
  private final Map<String, String> overrides;
  private boolean overridden;
  private String shown = "";

  /**
   * @param path by which {@code overrides} has another text for it
   */
  private Leaf(SysfsFile file, String path, Map<String, String> overrides) {
    this.file = file;
    this.path = path;
    this.overrides = overrides;
  }

  /** Whether the model has moved since the last {@link #rendered}. */
  abstract boolean moved();

  /** What the model says now, as the file has it. */
  abstract String rendered();

  final SysfsFile file() {
    return file;
  }

  final String path() {
    return path;
  }

  final String text() {
    return Optional.ofNullable(overrides.get(path)).orElseGet(this::rendered);
  }

  /** Makes the file, at this place for the moment. */
  final void createAt(Path place) throws IOException {
    shown = text();
    file.createAt(place, shown);
  }

  final void refresh() throws IOException {
    boolean other = !overrides.isEmpty() && overrides.containsKey(path);
    if (!other && !overridden && !moved()) {
      return;
    }
    overridden = other;
    String text = text();
    if (!text.equals(shown)) {
      shown = text;
      file.rewrite(text);
    }
  }

  /** An unsigned number. */
  static final class Count extends Leaf {
    private final LongSupplier value;
    private long last;

    Count(SysfsFile file, String path, Map<String, String> overrides, LongSupplier value) {
      super(file, path, overrides);
      this.value = value;
    }

    @Override
    boolean moved() {
      return value.getAsLong() != last;
    }

    @Override
    String rendered() {
      last = value.getAsLong();
      return Long.toUnsignedString(last) + "\n";
    }
  }

  /** Any text. */
  static final class Words extends Leaf {
    private final Supplier<String> value;

    Words(SysfsFile file, String path, Map<String, String> overrides, Supplier<String> value) {
      super(file, path, overrides);
      this.value = value;
    }

    @Override
    boolean moved() {
      return true; // the text itself is compared
    }

    @Override
    String rendered() {
      return value.get();
    }
  }
}
