package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.RunId;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;

/**
 * What a node's open runs are in 16 bytes, so that both sides see whether they speak of the same.
 */
public final class RunsDigest {
  private RunsDigest() {}

  /**
   * The first half of the SHA-256 of a line {@code JOB RUN STATE} for each run, ended by LF, in the
   * order of jobs and then of their numbers; {@link Hash128#NONE} of none.
   *
   * @param open runs that have not ended
   */
  public static Hash128 of(SortedMap<RunId, JobState> open) {
    if (open.isEmpty()) {
      return Hash128.NONE;
    }
    StringBuilder lines = new StringBuilder();
    open.forEach((id, state) ->
        lines
            .append(id.job())
            .append(' ')
            .append(id.run())
            .append(' ')
            .append(state.word())
            .append('\n'));
    byte[] text = lines.toString().getBytes(StandardCharsets.US_ASCII);
    return Hash128.of(text, text.length);
  }
}
