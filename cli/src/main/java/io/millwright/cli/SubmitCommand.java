package io.millwright.cli;

import io.millwright.protocol.views.JobView;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code submit}: posts a job's JSON as it is; what is wrong in it the collector says. */
@Command(name = "submit", description = "Submits a job that is written as JSON.")
final class SubmitCommand implements Callable<Integer> {
  private static final int LONGEST = 60_000;

  private final Surroundings around;

  @Mixin private ConnectionOptions connection;

  @Parameters(paramLabel = "FILE.json", description = "The file; - for what comes on stdin.")
  private String file = "";

  SubmitCommand(Surroundings around) {
    this.around = around;
    this.connection = new ConnectionOptions(around);
  }

  @Override
  public Integer call() {
    byte[] text;
    try {
      text = text();
    } catch (NoSuchFileException e) {
      around.say(file + " is not there");
      return ExitCode.FAILED;
    } catch (IOException e) {
      around.say("%s cannot be read: %s".formatted(file, e.getMessage()));
      return ExitCode.FAILED;
    }
    if (text.length > LONGEST) {
      around.say(
          "%s is longer than %d bytes, and no job is: see that it is a job's JSON"
              .formatted(file.equals("-") ? "what came on stdin" : file, LONGEST));
      return ExitCode.FAILED;
    }
    JobView queued = connection.collector().post("/v1/jobs", text, JobView.class);
    around.out().println(Runs.line(queued));
    return ExitCode.DONE;
  }

  /** One byte more than allowed at most. */
  private byte[] text() throws IOException {
    if (file.equals("-")) {
      return around.in().readNBytes(LONGEST + 1);
    }
    try (InputStream bytes = Files.newInputStream(Path.of(file))) {
      return bytes.readNBytes(LONGEST + 1);
    }
  }
}
