import { main } from "./main";

// The Job's folder has the project and the stack file beside the command.
void main(process.cwd());
