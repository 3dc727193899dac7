package io.millwright.agent.lane;

import io.millwright.protocol.vocabulary.Fault;
import java.util.Optional;

/** What a lane does when it is asked. All on the lane's thread. */
interface Round {

  /** Reads what is due; empty where it succeeded. */
  Outcome run(Tick tick);

  /** Gives back what it holds, after the last round. */
  void close();

  /** How a round ended, without its duration. */
  sealed interface Outcome {
    record Done() implements Outcome {}

    record Rested() implements Outcome {}

    record Trouble(Fault fault) implements Outcome {}
  }

  Outcome DONE = new Outcome.Done();
  Outcome RESTED = new Outcome.Rested();

  /** Done, or the trouble. */
  static Outcome of(Optional<Fault> fault) {
    return fault.<Outcome>map(Outcome.Trouble::new).orElse(DONE);
  }
}
