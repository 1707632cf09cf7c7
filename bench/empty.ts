import { capture } from "../tools/plan/capture";
import program from "./emptyProgram";

capture(program, { stack: "bench", mode: "preview", config: {} });
