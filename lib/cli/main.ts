#!/usr/bin/env node
import { start } from './program';


void start(process);
