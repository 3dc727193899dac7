package io.millwright.agent.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The configuration in force, and the way to another one.
 *
 * <p><b>Lifecycle:</b> made with the configuration that the agent started with. <b>Threading:</b>
 * one thread reloads; any thread reads. <b>Failure:</b> a configuration that is refused, or that
 * changes a key which only a restart can change, leaves the old one in force as a whole; the result
 * says why.
 */
public final class ReloadableConfig {
  private final Supplier<ConfigResult> reading;
  private volatile ConfigResult.Loaded inForce;

  /** The seam between what was read at the start and the way to read it again. */
  public ReloadableConfig(ConfigResult.Loaded first, Supplier<ConfigResult> reading) {
    this.inForce = first;
    this.reading = reading;
  }

  /** What is in force now. */
  public AgentConfig config() {
    return inForce.config();
  }

  /** The identity of what is in force: {@link ConfigResult.Loaded#sha256()}. */
  public String sha256() {
    return inForce.sha256();
  }

  /** Reads again, and puts what was read in force when all of it can be. */
  public ConfigResult reload() {
    return switch (reading.get()) {
      case ConfigResult.Rejected rejected -> rejected;
      case ConfigResult.Loaded loaded -> putInForce(loaded);
    };
  }

  private ConfigResult putInForce(ConfigResult.Loaded loaded) {
    List<Problem> problems = needRestart(inForce.config(), loaded.config());
    if (!problems.isEmpty()) {
      return new ConfigResult.Rejected(problems);
    }
    inForce = loaded;
    return loaded;
  }

  private static List<Problem> needRestart(AgentConfig old, AgentConfig read) {
    List<Problem> problems = new ArrayList<>();
    for (Key<?> key : AgentKeys.ALL) {
      if (!key.live() && !Objects.equals(key.from().apply(old), key.from().apply(read))) {
        problems.add(new Problem(new Place.Reload(), restart(key, old, read)));
      }
    }
    return problems;
  }

  private static String restart(Key<?> key, AgentConfig old, AgentConfig read) {
    return key.path()
        + " changed from "
        + key.shown(old)
        + " to "
        + key.shown(read)
        + ", which needs a restart; restart the agent, or put the old value back to reload the"
        + " rest";
  }
}
