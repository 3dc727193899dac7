package io.millwright.agent.launcher;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads {@code policy.yaml}. It must belong to root, or to the agent's own user when it is the
 * demo's, and nobody else may be able to change it or to put another in its place.
 */
public final class PolicyFile {
  private PolicyFile() {}

  /** Execution is off unless everything about the file is right. */
  public static Execution read(Path path) {
    Path file = path.toAbsolutePath().normalize();
    try {
      GuardedFile guarded = GuardedFile.read(file);
      Policy policy = PolicyText.parse(guarded.text());
      if (guarded.own() && !policy.demo()) {
        return off(file, "owner: the agent's own user is refused; allowed is root, or demo: true");
      }
      return new Execution.On(policy);
    } catch (GuardedFile.Unguarded open) {
      return off(file, open.sentence());
    } catch (PolicyText.Refusal refusal) {
      return off(file, refusal.sentence());
    } catch (NoSuchFileException absent) {
      return off(file, "there is no such file; write it to let jobs run here");
    } catch (IOException unreadable) {
      return off(file, "cannot be read: " + unreadable);
    }
  }

  /**
   * What the file says of power limits; they are not ours to set unless everything about it is
   * right. Root's alone: no demo sets them.
   */
  public static PowerRule readPower(Path path) {
    Path file = path.toAbsolutePath().normalize();
    try {
      GuardedFile guarded = GuardedFile.read(file);
      if (guarded.own()) {
        return notOwned(file, "owner: only root's is followed");
      }
      return switch (PolicyText.parsePower(guarded.text())) {
        case PowerRule.Owned owned -> owned;
        case PowerRule.NotOwned(String why) -> notOwned(file, why);
      };
    } catch (GuardedFile.Unguarded open) {
      return notOwned(file, open.sentence());
    } catch (PolicyText.Refusal refusal) {
      return notOwned(file, refusal.sentence());
    } catch (NoSuchFileException absent) {
      return notOwned(file, "there is no such file; power.owned in it lets limits be set here");
    } catch (IOException unreadable) {
      return notOwned(file, "cannot be read: " + unreadable);
    }
  }

  private static PowerRule notOwned(Path file, String why) {
    return new PowerRule.NotOwned("no power limit is set here: " + file + ": " + why);
  }

  private static Execution off(Path file, String why) {
    return new Execution.Off("no job runs here: " + file + ": " + why);
  }
}
