package io.millwright.agent.launcher;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.StuckThread;

/** What is left of a run, in one sentence for whoever looks at the job. */
final class StuckText {
  private static final int LONGEST = 900;

  private StuckText() {}

  static String of(Answer answer) {
    if (!(answer instanceof Answer.Stuck stuck)) {
      return "it is still there after the kill; what it waits for could not be read: "
          + answer.refusal().orElse("the launcher answered something else");
    }
    StringBuilder text = new StringBuilder();
    text.append(stuck.count()).append(stuck.count() == 1 ? " process is" : " processes are");
    text.append(" left after the kill");
    String before = ": ";
    for (StuckThread thread : stuck.threads()) {
      text.append(before).append(of(thread));
      before = "; ";
    }
    return text.substring(0, Math.min(text.length(), LONGEST));
  }

  private static String of(StuckThread thread) {
    String number =
        thread.thread() == thread.pid()
            ? Long.toString(thread.pid())
            : thread.pid() + "/" + thread.thread();
    String waits = thread.waits().isEmpty() ? "" : " in " + thread.waits();
    String stack = thread.stack().isEmpty() ? "" : " [" + String.join(" < ", thread.stack()) + "]";
    return "%s (%s) is in state %s%s%s"
        .formatted(number, thread.command(), thread.state(), waits, stack);
  }
}
