package io.millwright.agent.launcher.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.StuckThread;
import io.millwright.agent.launcher.verb.VerbJson;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as the kernel shows them of processes that do not end; proc(5). */
class StuckScanTest {
  private static final RunId RUN = new RunId("train", 2);

  @TempDir Path root;

  private void group(String... pids) throws IOException {
    Path group =
        root.resolve(
            "sys/fs/cgroup/millwright.slice/millwright-jobs.slice/mw-job-train-r2.service");
    Files.createDirectories(group);
    Files.writeString(group.resolve("cgroup.procs"), String.join("\n", pids) + "\n");
  }

  private void thread(int pid, int thread, String name, char state, String wchan, String stack)
      throws IOException {
    Path task = Files.createDirectories(root.resolve("proc/" + pid + "/task/" + thread));
    Files.writeString(
        task.resolve("stat"),
        thread + " (" + name + ") " + state + " 1 1 1 0 -1\n",
        StandardCharsets.ISO_8859_1);
    Files.writeString(task.resolve("wchan"), wchan);
    Files.writeString(task.resolve("stack"), stack);
  }

  private Answer.Stuck read() throws Exception {
    Answer answer = new StuckScan(root).read(RUN);
    assertThat(VerbJson.answer(VerbJson.bytes(answer))).isEqualTo(answer);
    return (Answer.Stuck) answer;
  }

  @Test
  void threadsThatNoSignalReachesAreNamedWithTheirStacks() throws Exception {
    group("40", "50");
    thread(40, 40, "python3", 'S', "futex_wait_queue", "");
    thread(
        40,
        41,
        "a) D (\u0001b",
        'D',
        "uvm_wait",
        "[<0>] uvm_wait+0x12/0x40 [nvidia_uvm]\n[<0>] do_exit+0x1/0x2\n");
    thread(50, 50, "sh", 'S', "0", "");
    assertThat(read())
        .isEqualTo(
            new Answer.Stuck(
                2,
                List.of(
                    new StuckThread(
                        40,
                        41,
                        "a) D (?b",
                        "D",
                        "uvm_wait",
                        List.of("uvm_wait+0x12/0x40", "do_exit+0x1/0x2")),
                    new StuckThread(50, 50, "sh", "S", "", List.of()))));
  }

  @Test
  void whatIsToldIsBounded() throws Exception {
    group(IntStream.range(100, 300).mapToObj(Integer::toString).toArray(String[]::new));
    String deep = "[<0>] f+0x1/0x2\n".repeat(40) + "[<0>] " + "g".repeat(500) + "\n";
    for (int pid = 100; pid < 300; pid++) {
      for (int thread = pid * 10; thread < pid * 10 + 6; thread++) {
        thread(pid, thread, "x", 'D', "w".repeat(300), deep);
      }
    }
    Answer.Stuck told = read();
    assertThat(told.count()).isEqualTo(200);
    assertThat(told.threads()).hasSize(Answer.Bounds.MOST_STUCK);
    assertThat(told.threads().getFirst().stack()).hasSize(Answer.Bounds.MOST_FRAMES);
    assertThat(VerbJson.bytes(told).length).isLessThan(1 << 18);
  }

  @Test
  void aRunThatIsGoneHasNothingLeft() throws Exception {
    assertThat(read()).isEqualTo(new Answer.Stuck(0, List.of()));
    group("40"); // which has ended since
    assertThat(read()).isEqualTo(new Answer.Stuck(1, List.of()));
  }
}
