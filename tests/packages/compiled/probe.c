int answer(int number)
{
    return number * 42;
}
